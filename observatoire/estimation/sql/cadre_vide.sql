-- grain: one row per association and year; none without a register
create or replace temp table cadre (
    cle_association varchar, millesime integer, code_commune varchar, code_epci varchar, secteur varchar,
    classe varchar, a_repondu boolean, a_subvention boolean, est_employeuse boolean, a_declare boolean,
    est_actif boolean, est_plausible boolean
)
