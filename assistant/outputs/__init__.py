"""Where answers go besides the screen: the loudspeaker."""
