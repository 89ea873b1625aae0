-- Une ligne par association et par année.
create table if not exists enquete.ressources (
    nom_association VARCHAR not null,
    rna VARCHAR,
    siret VARCHAR,
    commune VARCHAR,
    code_postal VARCHAR,
    annee INTEGER,
    montant_total DECIMAL(18,2),
    montant_charges DECIMAL(18,2),
    montant_cotisations DECIMAL(18,2),
    montant_dons DECIMAL(18,2),
    montant_mecenat DECIMAL(18,2),
    montant_activites DECIMAL(18,2),
    montant_commandes_publiques DECIMAL(18,2),
    montant_sub_etat DECIMAL(18,2),
    montant_sub_region DECIMAL(18,2),
    montant_sub_departement DECIMAL(18,2),
    montant_sub_epci DECIMAL(18,2),
    montant_sub_commune DECIMAL(18,2),
    montant_sub_caf DECIMAL(18,2),
    montant_sub_europe DECIMAL(18,2),
    montant_sub_asp DECIMAL(18,2),
    montant_sub_autres DECIMAL(18,2),
    montant_produits_financiers DECIMAL(18,2),
    montant_autres DECIMAL(18,2),
    montant_fonds_propres DECIMAL(18,2),
    montant_tresorerie DECIMAL(18,2),
    montant_premier_financeur DECIMAL(18,2),
    taux_pluriannuel DOUBLE,
    nb_aap_deposes BIGINT,
    nb_aap_obtenus BIGINT,
    heures_aap DOUBLE,
    millesime INTEGER,
    cle_association VARCHAR,
    qualite VARCHAR,
    depot_id VARCHAR not null,
    feuille VARCHAR not null,
    ligne INTEGER not null,
    lignes_source INTEGER[]
);
comment on table enquete.ressources is 'Les ressources. Une ligne par association et par année.';
comment on column enquete.ressources.nom_association is 'Nom de l’association. Le nom déclaré en préfecture, en entier. Un sigle seul ne suffit pas à retrouver l’association.';
comment on column enquete.ressources.rna is 'Numéro RNA. Le numéro du répertoire national des associations : W suivi de neuf chiffres. Il est sur le récépissé de la préfecture.';
comment on column enquete.ressources.siret is 'Numéro SIRET. Les 14 chiffres de l’établissement, si l’association en a un. Le SIREN (9 chiffres) est accepté faute de mieux.';
comment on column enquete.ressources.commune is 'Commune du siège. La commune du siège : son nom officiel ou son code INSEE (5 chiffres). Pas de « CEDEX ».';
comment on column enquete.ressources.code_postal is 'Code postal du siège. Les cinq chiffres du code postal. Il aide à départager deux communes de même nom, il ne remplace pas la commune.';
comment on column enquete.ressources.annee is 'Année des données. L’année dont parlent les réponses. Sans elle, l’année indiquée au dépôt du fichier est retenue.';
comment on column enquete.ressources.montant_total is 'Total des ressources de l’année [€]. Le total des produits du compte de résultat, sans la valeur du bénévolat. C’est ce que l’on appelle souvent le budget.';
comment on column enquete.ressources.montant_charges is 'Total des charges de l’année [€]. Le total des dépenses du compte de résultat, sans la valeur du bénévolat.';
comment on column enquete.ressources.montant_cotisations is 'Cotisations [€]. Les cotisations des adhérents, hors paiement d’une activité.';
comment on column enquete.ressources.montant_dons is 'Dons des particuliers [€]. Dons, collectes et legs de particuliers.';
comment on column enquete.ressources.montant_mecenat is 'Mécénat et fondations [€]. L’argent donné par des entreprises et des fondations.';
comment on column enquete.ressources.montant_activites is 'Recettes d’activité [€]. Ce que paient les usagers et le public : participations, ventes, prestations, billetterie, buvette, manifestations.';
comment on column enquete.ressources.montant_commandes_publiques is 'Commandes publiques [€]. Marchés publics, délégations de service public, prix de journée. Ce ne sont pas des subventions.';
comment on column enquete.ressources.montant_sub_etat is 'Subventions de l’État [€]. Préfecture, ministères, FDVA, agence nationale du sport, politique de la ville. Les aides à l’emploi versées par l’ASP vont à part.';
comment on column enquete.ressources.montant_sub_region is 'Subventions de la Région [€]. Les subventions du conseil régional.';
comment on column enquete.ressources.montant_sub_departement is 'Subventions du Département [€]. Les subventions du conseil départemental.';
comment on column enquete.ressources.montant_sub_epci is 'Subventions de l’intercommunalité [€]. Les subventions de la communauté de communes ou d’agglomération.';
comment on column enquete.ressources.montant_sub_commune is 'Subventions des communes [€]. Les subventions en argent des mairies. Un local prêté n’est pas compté ici.';
comment on column enquete.ressources.montant_sub_caf is 'CAF et organismes sociaux [€]. CAF, MSA, CPAM, CARSAT : prestations de service et subventions.';
comment on column enquete.ressources.montant_sub_europe is 'Subventions européennes [€]. FSE, FEDER, FEAD, Erasmus : l’argent qui vient de l’Union européenne.';
comment on column enquete.ressources.montant_sub_asp is 'Aides à l’emploi (ASP) [€]. Les aides versées par l’agence de services et de paiement : contrats aidés, postes Fonjep, adultes-relais, apprentissage.';
comment on column enquete.ressources.montant_sub_autres is 'Autres subventions publiques [€]. Les subventions publiques qui n’entrent dans aucune ligne précédente.';
comment on column enquete.ressources.montant_produits_financiers is 'Produits financiers [€]. Les intérêts des placements et des livrets.';
comment on column enquete.ressources.montant_autres is 'Autres ressources [€]. Tout ce qui n’entre dans aucune autre ligne : produits exceptionnels, transferts de charges, reprises.';
comment on column enquete.ressources.montant_fonds_propres is 'Fonds propres disponibles [€]. Au bilan, les fonds propres qui ne sont pas immobilisés. Ils peuvent être négatifs.';
comment on column enquete.ressources.montant_tresorerie is 'Trésorerie nette [€]. L’argent en banque et en caisse à la fin de l’exercice, moins les dettes à court terme. Elle peut être négative.';
comment on column enquete.ressources.montant_premier_financeur is 'Montant du premier financeur [€]. La plus grosse somme reçue d’un seul financeur, public ou privé.';
comment on column enquete.ressources.taux_pluriannuel is 'Part des financements pluriannuels [part du total]. La part des ressources garantie par une convention de plusieurs années, par exemple 30 %.';
comment on column enquete.ressources.nb_aap_deposes is 'Appels à projets déposés [dossiers]. Le nombre de réponses à des appels à projets envoyées dans l’année.';
comment on column enquete.ressources.nb_aap_obtenus is 'Appels à projets obtenus [dossiers]. Parmi ces réponses, le nombre de celles qui ont été retenues.';
comment on column enquete.ressources.heures_aap is 'Heures passées sur les appels à projets [heures]. Le temps passé dans l’année à répondre et à rendre compte, salariés et bénévoles ensemble.';
comment on column enquete.ressources.millesime is 'Année des données, lue dans la ligne ou donnée au dépôt.';
comment on column enquete.ressources.cle_association is 'Clé de l’association : RNA, sinon SIREN, sinon nom et commune.';
comment on column enquete.ressources.qualite is 'JSON par champ : motif d’absence, lecture interprétée, texte écarté. NULL si tout est net.';
comment on column enquete.ressources.depot_id is 'Dépôt d’où vient la ligne.';
comment on column enquete.ressources.feuille is 'Feuille du classeur déposé.';
comment on column enquete.ressources.ligne is 'Ligne de la feuille, comptée à partir de 1.';
comment on column enquete.ressources.lignes_source is 'Lignes de la feuille résumées par celle-ci, quand il y en a plusieurs.';
