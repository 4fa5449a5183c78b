"""What Onethread decides and keeps; it knows no platform, no HTTP and no environment."""
