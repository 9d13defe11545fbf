"""What a battery does not say itself: resistance, rest, energy, charge, time left, health and limits."""
