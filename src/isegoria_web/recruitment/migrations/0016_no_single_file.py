from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("recruitment", "0015_printed_files")]
    operations = [migrations.RemoveField("campaign", "printed")]
