"""What a run is made of: loop, limits, tally, signals, health events, thermal guard, systemd."""
