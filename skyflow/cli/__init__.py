"""The commands: each parses its words, calls one function of another room, shows the result and chooses an exit code. Nothing imports this room."""
