"""The library of the observatory: domain, territory, storage, indicators. No Streamlit, no Plotly."""

__version__ = "0.1.0"
__license__ = "EUPL-1.2"
