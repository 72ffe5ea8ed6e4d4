"""Days as they might really go: seeded overruns, no-shows, cancellations, sick technicians, emergencies and traffic."""
