package io.whygate.diagnostics.platform;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// What a server runs, as far as it changes what one does about a failure.
///
/// A new platform is a constant here, its marks in [PlatformMarks], and the file of its advice.
public enum Platform {
  WORDPRESS(Set.of("wp", "woocommerce"), Set.of("php", "lsphp", "frankenphp", "apache", "httpd")),
  PHP_FPM(
      Set.of("php", "laravel", "symfony", "drupal", "joomla", "magento", "nextcloud", "typo3"),
      Set.of("php", "lsphp", "frankenphp", "apache", "httpd")),
  NODE(
      Set.of("nodejs", "express", "next", "nextjs", "nuxt", "nest", "nestjs"),
      Set.of("node", "nodejs", "npm", "pm2", "bun", "deno", "next-server", "mainthread")),
  DJANGO(
      Set.of("python", "gunicorn", "uwsgi", "flask", "fastapi", "uvicorn", "wsgi"),
      Set.of("python", "gunicorn", "uwsgi", "uvicorn", "hypercorn", "daphne")),
  RAILS(
      Set.of("ruby", "puma", "sinatra", "unicorn", "passenger"),
      Set.of("ruby", "puma", "unicorn", "passenger", "rails", "bundle")),
  SPRING(
      Set.of("spring-boot", "tomcat", "java", "jetty", "quarkus", "undertow", "wildfly"),
      Set.of("java", "tomcat", "jsvc", "catalina", "jetty")),
  ASPNET(
      Set.of("asp.net", "aspnetcore", "dotnet", ".net", "kestrel", "iis"),
      Set.of("dotnet", "kestrel", "w3wp")),
  STATIC(
      Set.of("nginx", "apache", "httpd", "caddy", "lighttpd", "files"),
      Set.of("nginx", "apache", "httpd", "caddy", "lighttpd")),
  LOAD_BALANCER(
      Set.of("alb", "elb", "aws-alb", "gcp-lb", "azure-application-gateway", "haproxy", "envoy"),
      Set.of("haproxy", "envoy", "traefik", "nginx")),
  CDN(Set.of("cloudflare", "cloudfront", "fastly", "akamai"), Set.of());

  /// Programs that stand before or behind any platform.
  private static final List<String> COMPANIONS =
      List.of(
          "nginx",
          "apache",
          "httpd",
          "caddy",
          "haproxy",
          "mysqld",
          "mariadbd",
          "mysql",
          "mariadb",
          "postgres",
          "postgresql",
          "mongod",
          "redis-server",
          "redis");

  @SuppressWarnings("ImmutableEnumChecker") // made by Set.of
  private final Set<String> aliases;

  @SuppressWarnings("ImmutableEnumChecker") // made by Set.of
  private final Set<String> programs;

  Platform(Set<String> aliases, Set<String> programs) {
    this.aliases = aliases;
    this.programs = programs;
  }

  /// Its name in the configuration and in documents.
  public String id() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /// Whether it stands before the servers that run the site.
  public boolean isFront() {
    return this == LOAD_BALANCER || this == CDN;
  }

  /// The platform that a setting names, by its own name or by one of the usual ones.
  public static Optional<Platform> named(String name) {
    String wanted = name.strip().toLowerCase(Locale.ROOT).replace(' ', '-').replace('_', '-');
    for (Platform platform : values()) {
      if (platform.id().equals(wanted) || platform.aliases.contains(wanted)) {
        return Optional.of(platform);
      }
    }
    return Optional.empty();
  }

  /// Whether a program, or a service, belongs to a site of this platform.
  ///
  /// @param program its name without version and suffix, see [ProgramName]
  public boolean runs(String program) {
    return programs.contains(program) || COMPANIONS.contains(program);
  }

  /// Whether any platform runs a program of this name.
  public static boolean isServer(String program) {
    for (Platform platform : values()) {
      if (platform.runs(program)) {
        return true;
      }
    }
    return false;
  }
}
