"""What the user hears: spoken replies at the loudspeaker or in a file, earcons, and what is said unasked."""
