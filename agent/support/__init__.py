"""`reading-corner support-bundle`: one archive for a ticket, redacted, listed before it is written."""
