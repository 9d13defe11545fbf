"""I2C buses with devices on them, behind the ioctls of Linux's i2c-dev."""
