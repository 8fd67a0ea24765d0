from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('recommendations', '0003_move_the_ballots'),
    ]

    operations = [
        migrations.DeleteModel(
            name='Paper',
        ),
        migrations.DeleteModel(
            name='Participation',
        ),
        migrations.DeleteModel(
            name='Ballot',
        ),
    ]
