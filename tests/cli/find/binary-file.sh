# A picture among the texts is passed over and said.
mkdir news
printf '\211PNG\r\n\032\n\0\0\0\rIHDR\0\0\1\0\0\0\1\0\10\6\0\0\0' >news/logo.png
printf '%s\n' "$ferry" >news/a.txt
wirecopy find -q news
