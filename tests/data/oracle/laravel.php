<?php
// Answers for the tests what the real Laravel of Debian does: a JSON list of questions comes in, a list of answers goes out.
error_reporting(E_ALL & ~E_DEPRECATED & ~E_USER_DEPRECATED);
ini_set('serialize_precision', '-1');
if (stream_resolve_include_path('Illuminate/autoload.php') === false) {
    fwrite(STDERR, "Laravel is not installed; install it with: apt-get install -y php-laravel-framework\n");
    exit(3);
}
if (!extension_loaded('bcmath')) {
    fwrite(STDERR, "Laravel's rule multiple_of needs an extension of PHP; install it with: apt-get install -y php-bcmath\n");
    exit(3);
}
require 'Illuminate/autoload.php';
error_reporting(E_ALL & ~E_DEPRECATED & ~E_USER_DEPRECATED);
date_default_timezone_set('UTC');
mb_internal_encoding('UTF-8');
Carbon\Carbon::setTestNow('2025-03-15 12:34:56');

// {key, cipher, text, ours}: what it reads of our payload of the text, and its own payload of the text.
function answer_text(array $question): array
{
    $encrypter = new Illuminate\Encryption\Encrypter(base64_decode($question['key']), $question['cipher']);
    return ['read' => base64_encode($encrypter->decryptString($question['ours'])), 'theirs' => $encrypter->encryptString(base64_decode($question['text']))];
}

// The same for a serialised value: {key, cipher, value, ours}.
function answer_value(array $question): array
{
    $encrypter = new Illuminate\Encryption\Encrypter(base64_decode($question['key']), $question['cipher']);
    $value = unserialize(base64_decode($question['value']), ['allowed_classes' => false]);
    return ['read' => base64_encode(serialize($encrypter->decrypt($question['ours']))), 'theirs' => $encrypter->encrypt($value)];
}

// {data, rules}: whether it passes, which rules failed, and what is validated.
function answer_validation(array $question): array
{
    static $factory = null;
    $factory ??= new Illuminate\Validation\Factory(new Illuminate\Translation\Translator(new Illuminate\Translation\ArrayLoader, 'en'));
    $factory->excludeUnvalidatedArrayKeys();
    try {
        $validator = $factory->make($question['data'], $question['rules']);
        $passes = $validator->passes();
        return ['passes' => $passes, 'failed' => $validator->failed(), 'validated' => $passes ? $validator->validated() : []];
    } catch (Throwable $error) {
        return ['throws' => get_class($error).': '.$error->getMessage()];
    }
}

$answers = array_map('answer_'.$argv[1], json_decode(stream_get_contents(STDIN), true, 512, JSON_THROW_ON_ERROR));
echo json_encode($answers, JSON_THROW_ON_ERROR | JSON_PRESERVE_ZERO_FRACTION | JSON_UNESCAPED_UNICODE);
