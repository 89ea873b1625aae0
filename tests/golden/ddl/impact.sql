-- Une ligne par personne anonyme, ou une ligne par groupe dont on donne les moyennes.
create table if not exists enquete.impact (
    nom_association VARCHAR not null,
    rna VARCHAR,
    siret VARCHAR,
    commune VARCHAR,
    code_postal VARCHAR,
    annee INTEGER,
    dispositif VARCHAR,
    vague VARCHAR,
    groupe VARCHAR,
    code_vague VARCHAR,
    nb_repondants BIGINT,
    ons4_satisfaction DOUBLE,
    ons4_utilite DOUBLE,
    ons4_bonheur DOUBLE,
    ons4_anxiete DOUBLE,
    oms5_1 DOUBLE,
    oms5_2 DOUBLE,
    oms5_3 DOUBLE,
    oms5_4 DOUBLE,
    oms5_5 DOUBLE,
    oms5_score DOUBLE,
    gses_1 DOUBLE,
    gses_2 DOUBLE,
    gses_3 DOUBLE,
    gses_4 DOUBLE,
    gses_5 DOUBLE,
    gses_6 DOUBLE,
    gses_7 DOUBLE,
    gses_8 DOUBLE,
    gses_9 DOUBLE,
    gses_10 DOUBLE,
    gses_score DOUBLE,
    li_lien_social VARCHAR,
    li_confiance VARCHAR,
    li_competences VARCHAR,
    li_autonomie VARCHAR,
    li_acces_droits VARCHAR,
    li_pouvoir_agir VARCHAR,
    millesime INTEGER,
    cle_association VARCHAR,
    qualite VARCHAR,
    depot_id VARCHAR not null,
    feuille VARCHAR not null,
    ligne INTEGER not null,
    lignes_source INTEGER[]
);
comment on table enquete.impact is 'L’utilité pour les personnes. Une ligne par personne anonyme, ou une ligne par groupe dont on donne les moyennes.';
comment on column enquete.impact.nom_association is 'Nom de l’association. Le nom déclaré en préfecture, en entier. Un sigle seul ne suffit pas à retrouver l’association.';
comment on column enquete.impact.rna is 'Numéro RNA. Le numéro du répertoire national des associations : W suivi de neuf chiffres. Il est sur le récépissé de la préfecture.';
comment on column enquete.impact.siret is 'Numéro SIRET. Les 14 chiffres de l’établissement, si l’association en a un. Le SIREN (9 chiffres) est accepté faute de mieux.';
comment on column enquete.impact.commune is 'Commune du siège. La commune du siège : son nom officiel ou son code INSEE (5 chiffres). Pas de « CEDEX ».';
comment on column enquete.impact.code_postal is 'Code postal du siège. Les cinq chiffres du code postal. Il aide à départager deux communes de même nom, il ne remplace pas la commune.';
comment on column enquete.impact.annee is 'Année des données. L’année dont parlent les réponses. Sans elle, l’année indiquée au dépôt du fichier est retenue.';
comment on column enquete.impact.dispositif is 'Façon de mesurer. Comment les réponses ont été recueillies. Sans groupe de comparaison, on ne dira jamais que l’action a causé le changement. Liste : plans_mesure.';
comment on column enquete.impact.vague is 'Moment de la réponse. Avant l’action, après l’action, ou une seule fois. Liste : vagues.';
comment on column enquete.impact.groupe is 'Groupe. Seulement pour une mesure avec comparaison : la personne a suivi l’action, ou elle fait partie du groupe de comparaison. Vide : elle a suivi l’action. Liste : groupes_mesure.';
comment on column enquete.impact.code_vague is 'Code choisi pour relier avant et après. Un code que la personne fabrique elle-même et refait la fois suivante, par exemple deux lettres et un jour. Ni nom, ni initiales, ni date de naissance. Il relie deux réponses de la même enquête, la même année, puis il est remplacé par un numéro sans lien avec les autres années et les autres enquêtes.';
comment on column enquete.impact.nb_repondants is 'Nombre de répondants de la ligne [personnes]. 1 pour une personne anonyme, le nombre de personnes pour une ligne de groupe. Vide : une personne.';
comment on column enquete.impact.ons4_satisfaction is 'Satisfaction de la vie (0 à 10) [note de 0 à 10]. « Dans l’ensemble, à quel point êtes-vous satisfait de votre vie en ce moment ? » De 0, pas du tout, à 10, tout à fait. Source : Office for National Statistics, ONS4, traduction de travail. Jamais combinée avec les trois autres notes.';
comment on column enquete.impact.ons4_utilite is 'Sentiment d’utilité (0 à 10) [note de 0 à 10]. « Dans l’ensemble, à quel point avez-vous le sentiment que ce que vous faites dans votre vie en vaut la peine ? » De 0, pas du tout, à 10, tout à fait. Source : Office for National Statistics, ONS4, traduction de travail.';
comment on column enquete.impact.ons4_bonheur is 'Bonheur hier (0 à 10) [note de 0 à 10]. « À quel point vous êtes-vous senti heureux hier ? » De 0, pas du tout, à 10, tout à fait. Source : Office for National Statistics, ONS4, traduction de travail.';
comment on column enquete.impact.ons4_anxiete is 'Anxiété hier (0 à 10) [note de 0 à 10]. « À quel point vous êtes-vous senti anxieux hier ? » De 0, pas du tout, à 10, tout à fait : ici une note basse est bonne. Source : Office for National Statistics, ONS4, traduction de travail.';
comment on column enquete.impact.oms5_1 is 'OMS-5, 1 : bonne humeur (0 à 5) [note de 0 à 5]. « Au cours des deux dernières semaines, je me suis senti(e) bien et de bonne humeur. » 5 tout le temps, 4 la plupart du temps, 3 plus de la moitié du temps, 2 moins de la moitié du temps, 1 de temps en temps, 0 jamais. Source : indice de bien-être OMS-5 (1998), version française, Psychiatric Research Unit, centre collaborateur de l’OMS, Hillerød.';
comment on column enquete.impact.oms5_2 is 'OMS-5, 2 : calme (0 à 5) [note de 0 à 5]. « Au cours des deux dernières semaines, je me suis senti(e) calme et tranquille. » De 0, jamais, à 5, tout le temps. Source : indice de bien-être OMS-5 (1998), version française.';
comment on column enquete.impact.oms5_3 is 'OMS-5, 3 : énergie (0 à 5) [note de 0 à 5]. « Au cours des deux dernières semaines, je me suis senti(e) plein(e) d’énergie et vigoureux(se). » De 0, jamais, à 5, tout le temps. Source : indice de bien-être OMS-5 (1998), version française.';
comment on column enquete.impact.oms5_4 is 'OMS-5, 4 : réveil (0 à 5) [note de 0 à 5]. « Au cours des deux dernières semaines, je me suis réveillé(e) en me sentant frais(che) et dispos(e). » De 0, jamais, à 5, tout le temps. Source : indice de bien-être OMS-5 (1998), version française.';
comment on column enquete.impact.oms5_5 is 'OMS-5, 5 : intérêt (0 à 5) [note de 0 à 5]. « Au cours des deux dernières semaines, ma vie quotidienne a été remplie de choses intéressantes. » De 0, jamais, à 5, tout le temps. Source : indice de bien-être OMS-5 (1998), version française.';
comment on column enquete.impact.oms5_score is 'OMS-5, score du groupe (0 à 100) [score de 0 à 100]. Pour une ligne de groupe seulement : la moyenne des scores. Le score d’une personne est la somme des cinq notes multipliée par 4. Laissez vide quand les cinq notes sont remplies. Ce score ne pose aucun diagnostic.';
comment on column enquete.impact.gses_1 is 'GSES, 1 : effort (1 à 4) [note de 1 à 4]. « Je peux toujours résoudre mes difficultés si j’essaie assez fort. » De 1, pas du tout vrai, à 4, totalement vrai. Source : échelle d’auto-efficacité générale de Schwarzer et Jerusalem (GSES, 10 questions) ; traduction de travail, à remplacer par la version française validée.';
comment on column enquete.impact.gses_2 is 'GSES, 2 : opposition (1 à 4) [note de 1 à 4]. « Si quelqu’un s’oppose à moi, je trouve une façon d’obtenir ce que je veux. » De 1, pas du tout vrai, à 4, totalement vrai. Source : échelle d’auto-efficacité générale de Schwarzer et Jerusalem (GSES, 10 questions) ; traduction de travail, à remplacer par la version française validée.';
comment on column enquete.impact.gses_3 is 'GSES, 3 : buts (1 à 4) [note de 1 à 4]. « Il m’est facile de m’en tenir à mes buts et de les atteindre. » De 1, pas du tout vrai, à 4, totalement vrai. Source : échelle d’auto-efficacité générale de Schwarzer et Jerusalem (GSES, 10 questions) ; traduction de travail, à remplacer par la version française validée.';
comment on column enquete.impact.gses_4 is 'GSES, 4 : inattendu (1 à 4) [note de 1 à 4]. « Je sais que je peux faire face à des événements inattendus. » De 1, pas du tout vrai, à 4, totalement vrai. Source : échelle d’auto-efficacité générale de Schwarzer et Jerusalem (GSES, 10 questions) ; traduction de travail, à remplacer par la version française validée.';
comment on column enquete.impact.gses_5 is 'GSES, 5 : imprévu (1 à 4) [note de 1 à 4]. « Grâce à mes moyens, je sais gérer des situations imprévues. » De 1, pas du tout vrai, à 4, totalement vrai. Source : échelle d’auto-efficacité générale de Schwarzer et Jerusalem (GSES, 10 questions) ; traduction de travail, à remplacer par la version française validée.';
comment on column enquete.impact.gses_6 is 'GSES, 6 : résolution (1 à 4) [note de 1 à 4]. « Je peux résoudre la plupart des problèmes si j’y mets l’effort nécessaire. » De 1, pas du tout vrai, à 4, totalement vrai. Source : échelle d’auto-efficacité générale de Schwarzer et Jerusalem (GSES, 10 questions) ; traduction de travail, à remplacer par la version française validée.';
comment on column enquete.impact.gses_7 is 'GSES, 7 : calme (1 à 4) [note de 1 à 4]. « Je reste calme devant les difficultés, car je peux compter sur mes capacités. » De 1, pas du tout vrai, à 4, totalement vrai. Source : échelle d’auto-efficacité générale de Schwarzer et Jerusalem (GSES, 10 questions) ; traduction de travail, à remplacer par la version française validée.';
comment on column enquete.impact.gses_8 is 'GSES, 8 : plusieurs solutions (1 à 4) [note de 1 à 4]. « Face à un problème, je trouve d’habitude plusieurs solutions. » De 1, pas du tout vrai, à 4, totalement vrai. Source : échelle d’auto-efficacité générale de Schwarzer et Jerusalem (GSES, 10 questions) ; traduction de travail, à remplacer par la version française validée.';
comment on column enquete.impact.gses_9 is 'GSES, 9 : difficulté (1 à 4) [note de 1 à 4]. « En difficulté, je trouve d’habitude une solution. » De 1, pas du tout vrai, à 4, totalement vrai. Source : échelle d’auto-efficacité générale de Schwarzer et Jerusalem (GSES, 10 questions) ; traduction de travail, à remplacer par la version française validée.';
comment on column enquete.impact.gses_10 is 'GSES, 10 : faire face (1 à 4) [note de 1 à 4]. « Quoi qu’il arrive, je sais d’habitude y faire face. » De 1, pas du tout vrai, à 4, totalement vrai. Source : échelle d’auto-efficacité générale de Schwarzer et Jerusalem (GSES, 10 questions) ; traduction de travail, à remplacer par la version française validée.';
comment on column enquete.impact.gses_score is 'GSES, score du groupe (10 à 40) [score de 10 à 40]. Pour une ligne de groupe seulement : la moyenne des sommes des dix notes. Laissez vide quand les dix notes sont remplies.';
comment on column enquete.impact.li_lien_social is 'J’ai rencontré des gens, je suis entouré. Épanouissement. De « pas du tout d’accord » à « tout à fait d’accord », ou « ne sait pas ». Laissez vide pour une ligne de groupe : ces réponses ne se moyennent pas. Liste : likert5.';
comment on column enquete.impact.li_confiance is 'J’ai davantage confiance en moi. Développement personnel. De « pas du tout d’accord » à « tout à fait d’accord », ou « ne sait pas ». Liste : likert5.';
comment on column enquete.impact.li_competences is 'J’ai appris des choses utiles. Développement personnel. De « pas du tout d’accord » à « tout à fait d’accord », ou « ne sait pas ». Liste : likert5.';
comment on column enquete.impact.li_autonomie is 'Je me débrouille mieux seul. Capacité d’agir. De « pas du tout d’accord » à « tout à fait d’accord », ou « ne sait pas ». Liste : likert5.';
comment on column enquete.impact.li_acces_droits is 'Je connais et j’obtiens mieux mes droits. Capacité d’agir. De « pas du tout d’accord » à « tout à fait d’accord », ou « ne sait pas ». Liste : likert5.';
comment on column enquete.impact.li_pouvoir_agir is 'Je peux changer des choses autour de moi. Capacité d’agir. De « pas du tout d’accord » à « tout à fait d’accord », ou « ne sait pas ». Liste : likert5.';
comment on column enquete.impact.millesime is 'Année des données, lue dans la ligne ou donnée au dépôt.';
comment on column enquete.impact.cle_association is 'Clé de l’association : RNA, sinon SIREN, sinon nom et commune.';
comment on column enquete.impact.qualite is 'JSON par champ : motif d’absence, lecture interprétée, texte écarté. NULL si tout est net.';
comment on column enquete.impact.depot_id is 'Dépôt d’où vient la ligne.';
comment on column enquete.impact.feuille is 'Feuille du classeur déposé.';
comment on column enquete.impact.ligne is 'Ligne de la feuille, comptée à partir de 1.';
comment on column enquete.impact.lignes_source is 'Lignes de la feuille résumées par celle-ci, quand il y en a plusieurs.';
