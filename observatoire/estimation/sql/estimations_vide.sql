-- grain: one row per indicator, view, year, zone and sector
create or replace temp table estimations (
    indicateur varchar, vue varchar, millesime integer, niveau varchar, code varchar, domaine varchar,
    valeur double, basse double, haute double, cv double, fiabilite varchar
)
