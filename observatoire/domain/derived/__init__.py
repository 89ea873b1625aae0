"""What derives from the questionnaires as text: dictionary, Table Schema, help on messages."""
