"""What people take away: annotated workbook, printable pages, pre-filled templates."""
