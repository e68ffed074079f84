package io.whygate.diagnostics.platform;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/// The name of a program or service without what differs between machines: `php-fpm8.2`,
/// `php8.2-fpm.service` and `php-fpm: pool www` are all `php`.
public final class ProgramName {
  private static final Pattern SUFFIX =
      Pattern.compile("\\.(service|scope|slice)$|@[^.]*(?=\\.service$|$)");
  private static final Pattern VERSION = Pattern.compile("-?[0-9]+(\\.[0-9]+)*");

  /// What runs beside a site on many machines and never serves it.
  private static final Set<String> BYSTANDERS =
      Set.of(
          "cron",
          "crond",
          "anacron",
          "logrotate",
          "rsync",
          "tar",
          "gzip",
          "xz",
          "zstd",
          "apt",
          "apt-get",
          "dpkg",
          "unattended-upgr",
          "unattended-upgrades",
          "yum",
          "dnf",
          "snapd",
          "updatedb",
          "mysqldump",
          "mariadb-dump",
          "pg_dump",
          "mysqlcheck",
          "backup",
          "borg",
          "restic",
          "duplicity",
          "clamd",
          "clamscan",
          "freshclam",
          "sshd",
          "ssh",
          "sshd-session",
          "bash",
          "sh",
          "sudo",
          "su",
          "systemd",
          "systemd-journal",
          "systemd-journald",
          "rsyslogd",
          "postfix",
          "dovecot",
          "exim",
          "amavisd",
          "fail2ban-server",
          "chrome",
          "chromium",
          "firefox",
          "gnome-shell",
          "xorg",
          "code",
          "stress",
          "stress-ng",
          "git",
          "make",
          "gcc",
          "cc1plus",
          "ld",
          "certbot",
          "packagekitd",
          "fwupd",
          "telegraf",
          "netdata",
          "prometheus",
          "grafana",
          "zabbix_agentd",
          "smbd",
          "nmbd",
          "cupsd",
          "avahi-daemon");

  private ProgramName() {}

  public static String of(String name) {
    String plain = name.strip().toLowerCase(Locale.ROOT);
    int end = 0;
    while (end < plain.length() && plain.charAt(end) != ':' && plain.charAt(end) != ' ') {
      end++;
    }
    plain = SUFFIX.matcher(plain.substring(0, end)).replaceAll("");
    plain = SUFFIX.matcher(plain).replaceAll("");
    plain = plain.substring(plain.lastIndexOf('/') + 1);
    String unversioned = VERSION.matcher(plain).replaceAll("");
    if (unversioned.matches("php-?(fpm|cgi)?")) {
      return "php";
    }
    return unversioned.isEmpty() ? plain : alias(unversioned);
  }

  private static String alias(String name) {
    return switch (name) {
      case "apachectl" -> "apache";
      case "gunicorn-" -> "gunicorn";
      case "rubyw" -> "ruby";
      default -> name;
    };
  }

  /// Whether a program surely serves no site.
  public static boolean isBystander(String program) {
    return BYSTANDERS.contains(program) || program.endsWith(".sh") || program.contains("backup");
  }
}
