# The stories are those of find.
. "$CASES/../find/setup.sh"

# Two files: a story, and the same with a typo, other figures and a sentence.
two_files() {
    echo "$bridge" >a.txt
    echo "《独家》$bridge_typo 本报版权所有，不得转载。" >b.txt
}
