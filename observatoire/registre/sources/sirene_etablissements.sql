-- grain: one row per establishment of an association known from the file of the legal units
-- `position` is the state of the association; `etat` says « fermee » of an establishment closed before its association.
select
    u.* exclude (siret, siege, code_commune, code_postal, commune, code_departement, etat, nic_siege),
    l.siret, l.siege, l.code_commune, l.code_postal, l.commune,
    departement(l.code_commune, l.code_postal) as code_departement,
    case when u.etat = 'dissoute' then 'dissoute' when l.position = 'F' then 'fermee' else u.etat end as etat
from lues as l
inner join unites as u on l.siren = u.siren
