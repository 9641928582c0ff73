# Numbers do not depend on the locale.
mkdir news
echo 'All 214 passengers were taken off the ferry after a fire.' >news/a.txt
echo 'All 214 passengers were taken off the ferry after a fire!' >news/b.txt
LC_ALL=de_DE.UTF-8 wirecopy find -q -f csv news
