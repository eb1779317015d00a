module contig.example/peer

go 1.19
