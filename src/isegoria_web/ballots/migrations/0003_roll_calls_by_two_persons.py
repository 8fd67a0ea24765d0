import django.db.models.deletion
import isegoria_web.translated
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ballots', '0002_mixed_bodies'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='RollCallRecord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('held_on', models.DateField()),
                ('reason', isegoria_web.translated.TextsField(blank=True, default=dict)),
                ('entered_at', models.DateTimeField()),
                ('confirmed_at', models.DateTimeField(blank=True, null=True)),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
                ('confirmed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('entered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('roll_call', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='records', to='ballots.rollcall')),
            ],
            options={
                'ordering': ['roll_call', 'number'],
            },
        ),
        migrations.AddField(
            model_name='openvote',
            name='record',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='votes', to='ballots.rollcallrecord'),
        ),
        migrations.RemoveConstraint(
            model_name='openvote',
            name='one_open_vote_each',
        ),
        migrations.AlterField(
            model_name='openvote',
            name='roll_call',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='votes', to='ballots.rollcall'),
        ),
        migrations.RemoveConstraint(
            model_name='rollcall',
            name='a_roll_call_was_held_or_not',
        ),
    ]
