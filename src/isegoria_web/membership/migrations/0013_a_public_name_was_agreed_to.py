from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("membership", "0012_names_nobody_agreed_to"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="member",
            constraint=models.CheckConstraint(
                condition=Q(named_at__isnull=True, public_name="")
                | Q(~Q(public_name=""), named_at__isnull=False),
                name="a_public_name_was_agreed_to",
            ),
        ),
    ]
