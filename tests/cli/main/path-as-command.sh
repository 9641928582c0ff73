# Whoever leaves out the command is told so.
mkdir news
echo "x" >news/a.txt
for name in news ./news/a.txt fid; do
    wirecopy "$name"
    echo "status $?"
done
wirecopy help find pairs
echo "status $?"
wirecopy -V
