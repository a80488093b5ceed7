<?php
// php validating.php FORM SECONDS: judges the form with Debian's Laravel for so long; writes the microseconds of CPU time that one takes.
error_reporting(E_ALL & ~E_DEPRECATED & ~E_USER_DEPRECATED);
require 'Illuminate/autoload.php';
error_reporting(E_ALL & ~E_DEPRECATED & ~E_USER_DEPRECATED);
date_default_timezone_set('UTC');

$form = json_decode(file_get_contents($argv[1]), true, 512, JSON_THROW_ON_ERROR);
$factory = new Illuminate\Validation\Factory(new Illuminate\Translation\Translator(new Illuminate\Translation\ArrayLoader, 'en'));
function cpu(): float
{
    $usage = getrusage();
    return $usage['ru_utime.tv_sec'] + $usage['ru_stime.tv_sec'] + ($usage['ru_utime.tv_usec'] + $usage['ru_stime.tv_usec']) / 1e6;
}
function judge($factory, array $form, float $seconds): float
{
    $count = 0;
    for ($start = cpu(); ($now = cpu()) - $start < $seconds;) {
        for ($i = 0; $i < 50; $i++, $count++) {
            if (!$factory->make($form['data'], $form['rules'])->passes()) {
                fwrite(STDERR, "The form does not pass\n");
                exit(1);
            }
        }
    }
    return ($now - $start) / $count * 1e6;
}
judge($factory, $form, $argv[2] / 4);
printf("%.2f\n", judge($factory, $form, $argv[2]));
