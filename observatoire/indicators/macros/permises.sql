-- grain: one row per indicator and zone it may be shown for. A grouping that holds no whole EPCI follows the rule of
-- the communes; what says something of each person (large) is shown from the EPCI up; public data do not say in which
-- district an association acts.
with membres as (
    select niveau, code, code_commune
    from rattachements
),

larges as (
    select distinct z.niveau, z.code
    from (
        select z.niveau, z.code, e.code as code_epci, count(*) as n
        from membres as z
        inner join membres as e on z.code_commune = e.code_commune and e.niveau = 'epci'
        where z.niveau in ('canton', 'regroupement')
        group by z.niveau, z.code, e.code
    ) as z
    inner join (select code, count(*) as n from membres where niveau = 'epci' group by code) as e
        on z.code_epci = e.code and z.n = e.n
)

select g.indicateur, z.niveau, z.code
from regles as g
cross join zones as z
left join larges as l on z.niveau = l.niveau and z.code = l.code
where case z.niveau
    when 'commune' then g.communes
    when 'qpv' then g.communes and g.secret <> 'aucun'
    when 'regroupement' then g.communes or l.code is not null
    when 'canton' then not g.large or l.code is not null
    else true
end
