{ echo "{\"id\":\"late\",\"text\":\"$ferry\",\"date\":1147170001}"
    echo "{\"id\":\"soon\",\"text\":\"$ferry\",\"date\":1147170000}"
} | wirecopy find -q
