-- Une ligne par association et par année, ou par association, année et catégorie d’action.
create table if not exists enquete.benevolat (
    nom_association VARCHAR not null,
    rna VARCHAR,
    siret VARCHAR,
    commune VARCHAR,
    code_postal VARCHAR,
    annee INTEGER,
    categorie VARCHAR,
    nb_benevoles_reguliers BIGINT,
    nb_benevoles_occasionnels BIGINT,
    nb_benevoles_distincts BIGINT,
    nb_dirigeants BIGINT,
    nb_dirigeants_femmes BIGINT,
    nb_dirigeants_moins_40 BIGINT,
    nb_dirigeants_65_plus BIGINT,
    nb_dirigeants_nouveaux BIGINT,
    nb_benevoles_femmes BIGINT,
    nb_benevoles_moins_30 BIGINT,
    heures_reguliers DOUBLE,
    heures_occasionnels DOUBLE,
    unite_heures VARCHAR,
    nb_semaines_activite BIGINT,
    heures_total_an DOUBLE,
    heures_contraintes DOUBLE,
    heures_execution DOUBLE,
    heures_encadrement DOUBLE,
    heures_expertise DOUBLE,
    montant_soutien_benevoles DECIMAL(18,2),
    nb_actions BIGINT,
    millesime INTEGER,
    cle_association VARCHAR,
    qualite VARCHAR,
    depot_id VARCHAR not null,
    feuille VARCHAR not null,
    ligne INTEGER not null,
    lignes_source INTEGER[]
);
comment on table enquete.benevolat is 'Le bénévolat. Une ligne par association et par année, ou par association, année et catégorie d’action.';
comment on column enquete.benevolat.nom_association is 'Nom de l’association. Le nom déclaré en préfecture, en entier. Un sigle seul ne suffit pas à retrouver l’association.';
comment on column enquete.benevolat.rna is 'Numéro RNA. Le numéro du répertoire national des associations : W suivi de neuf chiffres. Il est sur le récépissé de la préfecture.';
comment on column enquete.benevolat.siret is 'Numéro SIRET. Les 14 chiffres de l’établissement, si l’association en a un. Le SIREN (9 chiffres) est accepté faute de mieux.';
comment on column enquete.benevolat.commune is 'Commune du siège. La commune du siège : son nom officiel ou son code INSEE (5 chiffres). Pas de « CEDEX ».';
comment on column enquete.benevolat.code_postal is 'Code postal du siège. Les cinq chiffres du code postal. Il aide à départager deux communes de même nom, il ne remplace pas la commune.';
comment on column enquete.benevolat.annee is 'Année des données. L’année dont parlent les réponses. Sans elle, l’année indiquée au dépôt du fichier est retenue.';
comment on column enquete.benevolat.categorie is 'Catégorie d’action. Laissez vide pour une seule ligne par association. Sinon, une ligne par catégorie d’action bénévole, chaque heure dans une seule catégorie.';
comment on column enquete.benevolat.nb_benevoles_reguliers is 'Bénévoles réguliers [participations]. Les personnes qui ont donné du temps tout au long de l’année, au moins une fois par mois. Une personne bénévole dans deux associations compte dans chacune.';
comment on column enquete.benevolat.nb_benevoles_occasionnels is 'Bénévoles occasionnels [participations]. Les personnes venues ponctuellement : une fête, une collecte, un chantier.';
comment on column enquete.benevolat.nb_benevoles_distincts is 'Nombre total de bénévoles [participations]. Toutes les personnes différentes qui ont donné du temps dans l’année, réguliers, occasionnels et dirigeants ensemble, chacune comptée une fois.';
comment on column enquete.benevolat.nb_dirigeants is 'Dirigeants bénévoles [personnes]. Les membres du bureau et du conseil d’administration. Ils comptent aussi parmi les bénévoles.';
comment on column enquete.benevolat.nb_dirigeants_femmes is 'Dont dirigeantes (femmes) [personnes]. Parmi les dirigeants, le nombre de femmes.';
comment on column enquete.benevolat.nb_dirigeants_moins_40 is 'Dont dirigeants de moins de 40 ans [personnes]. Parmi les dirigeants, le nombre de moins de 40 ans au 31 décembre.';
comment on column enquete.benevolat.nb_dirigeants_65_plus is 'Dont dirigeants de 65 ans ou plus [personnes]. Parmi les dirigeants, le nombre de 65 ans ou plus au 31 décembre.';
comment on column enquete.benevolat.nb_dirigeants_nouveaux is 'Dont dirigeants entrés dans l’année [personnes]. Parmi les dirigeants, ceux qui ont pris leur premier mandat dans l’association au cours de l’année.';
comment on column enquete.benevolat.nb_benevoles_femmes is 'Dont femmes bénévoles [participations]. Parmi tous les bénévoles, le nombre de femmes.';
comment on column enquete.benevolat.nb_benevoles_moins_30 is 'Dont bénévoles de moins de 30 ans [participations]. Parmi tous les bénévoles, le nombre de moins de 30 ans.';
comment on column enquete.benevolat.heures_reguliers is 'Heures des bénévoles réguliers [heures]. Le temps donné par l’ensemble des réguliers, dans l’unité choisie plus loin (par an si rien n’est indiqué). Laissez vide si vous ne savez pas : vide n’est pas zéro.';
comment on column enquete.benevolat.heures_occasionnels is 'Heures des bénévoles occasionnels [heures]. Le temps donné par l’ensemble des occasionnels, dans la même unité.';
comment on column enquete.benevolat.unite_heures is 'Unité des heures. Les heures des réguliers et des occasionnels sont données par an, par mois ou par semaine. Vide : par an. Liste : unites_heures.';
comment on column enquete.benevolat.nb_semaines_activite is 'Semaines d’activité dans l’année [semaines]. Nécessaire quand les heures sont données par semaine ou par mois : sans lui, le total de l’année n’est pas calculé. Pour des heures par mois, comptez 52 semaines pour douze mois pleins.';
comment on column enquete.benevolat.heures_total_an is 'Total des heures de l’année [heures]. Le total annuel de toutes les heures bénévoles, si vous ne connaissez que lui. Toujours par an.';
comment on column enquete.benevolat.heures_contraintes is 'Heures contraintes (à part) [heures]. Travail d’intérêt général, heures d’activité liées au RSA, service civique, mécénat de compétences. Par an. Ces heures ne sont jamais ajoutées au bénévolat, qui est libre.';
comment on column enquete.benevolat.heures_execution is 'Dont heures d’exécution [heures]. Par an : accueil, logistique, buvette, entretien. Ce détail sert à estimer la valeur du bénévolat.';
comment on column enquete.benevolat.heures_encadrement is 'Dont heures d’encadrement [heures]. Par an : entraînement, animation, responsabilité d’une équipe.';
comment on column enquete.benevolat.heures_expertise is 'Dont heures d’expertise [heures]. Par an : comptabilité, droit, direction, informatique, conseil.';
comment on column enquete.benevolat.montant_soutien_benevoles is 'Dépenses de soutien aux bénévoles [€]. Tout ce que l’association dépense dans l’année pour ses bénévoles : formation, frais remboursés, assurance, coordination, équipement. Laissez vide si ce montant n’est pas connu.';
comment on column enquete.benevolat.nb_actions is 'Nombre d’actions bénévoles [actions]. Les actions saisies dans l’année, quand elles sont suivies une à une (un logiciel comme Bénévalibre les compte).';
comment on column enquete.benevolat.millesime is 'Année des données, lue dans la ligne ou donnée au dépôt.';
comment on column enquete.benevolat.cle_association is 'Clé de l’association : RNA, sinon SIREN, sinon nom et commune.';
comment on column enquete.benevolat.qualite is 'JSON par champ : motif d’absence, lecture interprétée, texte écarté. NULL si tout est net.';
comment on column enquete.benevolat.depot_id is 'Dépôt d’où vient la ligne.';
comment on column enquete.benevolat.feuille is 'Feuille du classeur déposé.';
comment on column enquete.benevolat.ligne is 'Ligne de la feuille, comptée à partir de 1.';
comment on column enquete.benevolat.lignes_source is 'Lignes de la feuille résumées par celle-ci, quand il y en a plusieurs.';
