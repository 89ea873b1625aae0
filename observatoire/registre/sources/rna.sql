-- grain: one row per association of the file; those that are no more keep their row, told apart by `etat`
select
    l.*,
    departement(l.code_commune, l.code_postal) as code_departement,
    case
        when l.position in ('D', 'S') then 'dissoute'
        when l.dissolution is not null and substr(l.dissolution, 1, 4) not in ('0001', '0000', '1900') then 'dissoute'
        when l.position in ('A', 'R') then 'active'
        else 'inconnue'
    end as etat
from lues as l
