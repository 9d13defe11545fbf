"""What carries bytes. A transport knows no protocol and no battery."""
