-- grain: one row per commune and year; what the Insee does not publish stays empty
select
    code_insee(l.code_commune) as code_commune, l.commune, l.annee,
    nombre(l.menages) as menages, nombre(l.personnes) as personnes, nombre(l.revenu_median) as revenu_median,
    nombre(l.part_imposes) / 100 as part_imposes, nombre(l.taux_pauvrete) / 100 as taux_pauvrete,
    nombre(l.premier_decile) as premier_decile, nombre(l.neuvieme_decile) as neuvieme_decile,
    nombre(l.rapport_deciles) as rapport_deciles,
    departement(code_insee(l.code_commune), null) as code_departement
from lues as l
