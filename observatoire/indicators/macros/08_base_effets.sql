-- grain: one row per answer on the effects and question asked; note is a mean over nb respondents.
-- Only what people who took part say at the end or once: earlier answers and comparison groups are left out.
select cle_association, millesime, commune, question, note, nb
from base_notes
where est_avant = 0 and est_comparaison = 0
