-- grain: one row per family of indicators and answered cell; prix: what readers lose when it is masked, the least first
create or replace temp table blocs as
select
    row_number() over (order by famille, millesime, niveau, code, domaine, financeur) as bloc,
    famille, millesime, niveau, code, domaine, financeur,
    min(n) as n,
    min(nb_personnes) as nb_personnes,
    max(n_min) as n_min,
    max(p_min) as p_min,
    max(case when indicateur = famille then taille end) as taille,
    max(case when statut = 'secret' then 1 else 0 end) as masque,
    case
        when niveau = 'commune' then 1
        when niveau in ('canton', 'epci') and domaine <> 'tous' then 2
        when niveau = 'arrondissement' and domaine <> 'tous' then 3
        when niveau = 'canton' then 4
        when niveau = 'epci' then 5
        when domaine <> 'tous' then 6
        when niveau = 'arrondissement' then 7
        else 8
    end as prix
from cellules_statut
where secret <> 'aucun' and statut <> 'nd'
group by famille, millesime, niveau, code, domaine, financeur
