from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("membership", "0010_appointees_sign_in"),
    ]

    operations = [
        migrations.AddField(
            model_name="member",
            name="named_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
