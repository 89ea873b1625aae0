"""What a program reads beside the pages: the figures, one figure, the published files. No Streamlit here."""
