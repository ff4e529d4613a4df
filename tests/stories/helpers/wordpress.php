<?php
/* As much of WordPress as the plugin asks for, and one call of it: `token`, `told` or `counts`, with what it needs in $argv. */

define('PARLEY_URL', getenv('PARLEY_URL'));
define('PARLEY_SITE', getenv('PARLEY_SITE'));
define('PARLEY_SSO_SECRET', getenv('PARLEY_SSO_SECRET'));
define('PARLEY_WEBHOOK_SECRET', getenv('PARLEY_WEBHOOK_SECRET'));

class WP_REST_Response {
    public function __construct(public mixed $data, public int $status = 200) {}
}

class WP_REST_Request {
    public function __construct(private array $headers, private string $body) {}
    public function get_header(string $name): ?string { return $this->headers[$name] ?? null; }
    public function get_body(): string { return $this->body; }
}

class Reader {
    public int $ID = 4711;
    public string $display_name = 'Ada Lövelace';
    public function exists(): bool { return true; }
}

$routes = [];
function wp_get_current_user(): Reader { return new Reader(); }
function add_filter(string $name, callable $act): void {}
function add_action(string $name, callable $act): void { $act(); }
function register_rest_route(string $space, string $path, array $route): void { $GLOBALS['routes'][$path] = $route; }
function wp_remote_get(string $url): array { return ['body' => file_get_contents($url)]; }
function wp_remote_retrieve_body(array $answer): string { return $answer['body']; }

require $argv[1];

echo json_encode(match ($argv[2]) {
    'token' => $routes['/token']['callback']()->data['token'],
    'told' => $routes['/told']['callback'](new WP_REST_Request(json_decode($argv[3], true), file_get_contents('php://stdin')))->status,
    'counts' => parley_counts(array_slice($argv, 3)),
});
