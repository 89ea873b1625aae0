-- grain: one row per association and year in which people said how far they agree;
-- $hauts, $bas and $nsp say how much an agreement, a disagreement and a « ne sait pas » count;
-- $base_nsp = 1 keeps « ne sait pas » among the answers, 0 leaves them out of the denominator
with comptes as (
    select
        cle_association,
        millesime,
        min(commune) as commune,
        sum(case when avis in ('4', '5') then 1 else 0 end) as hauts,
        sum(case when avis in ('1', '2') then 1 else 0 end) as bas,
        sum(case when avis = 'nsp' then 1 else 0 end) as nsp,
        sum(case when avis <> 'nsp' then 1 else 0 end) as exprimes
    from base_avis
    where question = $question
    group by cle_association, millesime
)

select
    c.cle_association,
    c.millesime,
    coalesce(c.commune, s.commune) as code_commune,
    s.domaine,
    cast(null as varchar) as financeur,
    cast(c.hauts * $hauts + c.bas * $bas + c.nsp * $nsp as double) as valeur,
    cast(c.exprimes + c.nsp * $base_nsp as double) as poids,
    cast(null as double) as valeur_basse,
    cast(null as double) as valeur_haute,
    cast(c.exprimes + c.nsp * $base_nsp as double) as nb_personnes
from comptes as c
inner join base_situation as s on c.cle_association = s.cle_association and c.millesime = s.millesime
where c.exprimes + c.nsp * $base_nsp > 0
