"""The library of the observatory: domain, territory, storage, indicators. No Streamlit, no Plotly."""

__version__ = "0.1.0"
