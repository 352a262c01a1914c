<?php

// Writes a document as `json_encode` sends it, and as the client for PHP hashes it. One document a line in and out. With the argument
// "objects" what has members is an object of PHP's; else it is an array, as in the bodies that this client builds.

$asArrays = !in_array('objects', $argv, true);
while (($line = fgets(STDIN)) !== false) {
    $sent = json_encode(json_decode($line, $asArrays, 512, JSON_THROW_ON_ERROR), JSON_THROW_ON_ERROR);
    $signed = json_encode(json_decode($sent), JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE);
    echo json_encode([$sent, $signed], JSON_THROW_ON_ERROR), "\n";
}
