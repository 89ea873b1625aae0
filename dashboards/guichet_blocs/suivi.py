"""Progress of a long job, read every half second; the page comes back by itself when it is over."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

CADENCE = 0.5


@st.fragment(run_every=CADENCE)
def attendre(fini: Callable[[], bool], avancement: Callable[[], tuple[str, float]]) -> None:
    """Show the step under way until `fini`, then run the page again."""
    if fini():
        st.rerun(scope="app")
    etape, part = avancement()
    st.progress(min(max(part, 0.0), 1.0), text=f"{etape}…")
