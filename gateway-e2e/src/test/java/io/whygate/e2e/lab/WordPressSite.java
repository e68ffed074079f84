package io.whygate.e2e.lab;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;

/// WordPress as Debian ships it, installed: nginx, php-fpm and MariaDB, each of its own. It answers
/// under whatever host name it is asked by, so through a gateway as well as directly.
public record WordPressSite(Folder folder, MariaDb database, PhpFpm php, Nginx nginx)
    implements AutoCloseable {
  public static final String USER = "admin";
  public static final String PASSWORD = "a-long-Passw0rd-for-tests";

  /// Starts everything and goes through WordPress's installer: about ten seconds.
  public static WordPressSite start() {
    Folder folder = Folder.create("wordpress");
    MariaDb database = MariaDb.create();
    database.sql("CREATE DATABASE wordpress");
    database.sql(
        "CREATE USER wp@'127.0.0.1' IDENTIFIED BY 'wp'; GRANT ALL ON wordpress.* TO wp@'127.0.0.1'");
    // Debian's package links to files elsewhere: a copy that follows the links stands alone. Its
    // own
    // configuration file reads /etc, so ours replaces it.
    LabProcess.run(
        Place.HERE,
        folder.path(),
        "sh",
        "-c",
        "cp -rL /usr/share/wordpress site && mkdir -p site/wp-content/uploads && chmod -R u+w site");
    folder.write("site/wp-config.php", configuration(database));
    PhpFpm php = PhpFpm.start(6, "");
    Nginx nginx =
        Nginx.serving(
            Place.HERE,
            folder.path().resolve("site"),
            "index index.php;\nabsolute_redirect off;\nlocation / { try_files $uri $uri/ /index.php?$args; }\n"
                + php.nginxLocation());
    WordPressSite site = new WordPressSite(folder, database, php, nginx);
    site.install();
    return site;
  }

  private static String configuration(MariaDb database) {
    return """
    <?php
    define('DB_NAME', 'wordpress');
    define('DB_USER', 'wp');
    define('DB_PASSWORD', 'wp');
    define('DB_HOST', '127.0.0.1:%d');
    define('DB_CHARSET', 'utf8mb4');
    define('DB_COLLATE', '');
    define('WP_HOME', 'http://' . $_SERVER['HTTP_HOST']);
    define('WP_SITEURL', 'http://' . $_SERVER['HTTP_HOST']);
    define('FS_METHOD', 'direct');
    define('WP_HTTP_BLOCK_EXTERNAL', true);
    define('AUTOMATIC_UPDATER_DISABLED', true);
    define('DISABLE_WP_CRON', true);
    foreach (['AUTH_KEY','SECURE_AUTH_KEY','LOGGED_IN_KEY','NONCE_KEY','AUTH_SALT','SECURE_AUTH_SALT','LOGGED_IN_SALT','NONCE_SALT'] as $key) define($key, 'test ' . $key);
    $table_prefix = 'wp_';
    if (!defined('ABSPATH')) define('ABSPATH', __DIR__ . '/');
    require_once ABSPATH . 'wp-settings.php';
    """
        .formatted(database.port());
  }

  private void install() {
    String form =
        Map.of(
                "weblog_title", "Whygate test site",
                "user_name", USER,
                "admin_password", PASSWORD,
                "admin_password2", PASSWORD,
                "admin_email", "admin@example.com",
                "Submit", "Install WordPress",
                "language", "")
            .entrySet()
            .stream()
            .map(e -> e.getKey() + "=" + URLEncoder.encode(e.getValue(), StandardCharsets.UTF_8))
            .collect(Collectors.joining("&"));
    HttpRequest request =
        HttpRequest.newBuilder(uri().resolve("/wp-admin/install.php?step=2"))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString(form))
            .build();
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
      if (!response.body().contains("wp-login.php")) {
        throw new AssertionError(
            "WordPress's installer said " + response.statusCode() + ": " + response.body());
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /// Where it answers, without a gateway.
  public URI uri() {
    return nginx.uri();
  }

  /// The folder of its PHP files.
  public Path root() {
    return folder.path().resolve("site");
  }

  @Override
  public void close() {
    nginx.close();
    php.close();
    database.close();
    folder.close();
  }
}
