"""What takes too long for every day: ``make stress`` runs it and prints a table."""
