package io.whygate.diagnostics.probe.log;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.TemporalQueries;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Reads the time stamp that a line of a log begins with, in the forms that servers write.
final class LogTime {
  private static final int SEARCHED = 80;
  private static final DateTimeFormatter ABBREVIATION =
      DateTimeFormatter.ofPattern("zzz", Locale.ENGLISH);
  private static final List<String> MONTHS =
      List.of("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec");

  /// 2026-11-23 15:41:40, with T, fractions, and a zone; nginx writes 2026/11/23 15:41:40.
  private static final Pattern ISO =
      Pattern.compile(
          "(?<year>\\d{4})[-/](?<month>\\d\\d)[-/](?<day>\\d\\d)[T ](?<time>\\d\\d:\\d\\d:\\d\\d)"
              + "(?:[.,]\\d+)? ?(?<zone>Z|UTC|GMT|[A-Z]{3,4}\\b|[+-]\\d\\d(?::?\\d\\d)?\\b)?");

  /// 23-Nov-2026 15:41:40 (PHP), 23/Nov/2026:15:41:40 +0000 (access logs).
  private static final Pattern DAY_FIRST =
      Pattern.compile(
          "(?<day>\\d\\d)[-/](?<month>[A-Z][a-z]{2})[-/](?<year>\\d{4})[ :](?<time>\\d\\d:\\d\\d:\\d\\d)"
              + "(?:[.,]\\d+)? ?(?<zone>UTC|GMT|[+-]\\d{4})?");

  /// Mon Nov 23 15:41:40.123456 2026 (Apache).
  private static final Pattern APACHE =
      Pattern.compile(
          "[A-Z][a-z]{2} (?<month>[A-Z][a-z]{2}) +(?<day>\\d{1,2}) (?<time>\\d\\d:\\d\\d:\\d\\d)"
              + "(?:\\.\\d+)? (?<year>\\d{4})");

  /// Nov 23 15:41:40 (syslog): without a year.
  private static final Pattern SYSLOG =
      Pattern.compile("^(?<month>[A-Z][a-z]{2}) +(?<day>\\d{1,2}) (?<time>\\d\\d:\\d\\d:\\d\\d)");

  /// "time":1764363600123, "ts":1764363600.12 (loggers that write JSON): since the epoch.
  private static final Pattern EPOCH =
      Pattern.compile(
          "\"(?:time|ts|timestamp)\":\\s*(?<seconds>1\\d{9})(?:\\d{3}|\\.\\d+)?\\s*[,}]");

  private LogTime() {}

  /// The moment that a line says it was written at; empty where it says none.
  ///
  /// @param near a moment close to which it lies, for stamps without a year
  /// @param local the zone of stamps without one
  static Optional<Instant> of(String line, Instant near, ZoneId local) {
    String head = line.substring(0, Math.min(SEARCHED, line.length()));
    try {
      for (Pattern pattern : List.of(ISO, DAY_FIRST)) {
        Matcher matcher = pattern.matcher(head);
        if (matcher.find()) {
          int year = Integer.parseInt(matcher.group("year"));
          return Optional.of(instant(matcher, year, zone(matcher.group("zone"), local)));
        }
      }
      Matcher apache = APACHE.matcher(head);
      if (apache.find()) {
        return Optional.of(instant(apache, Integer.parseInt(apache.group("year")), local));
      }
      Matcher syslog = SYSLOG.matcher(head);
      if (syslog.find()) {
        return Optional.of(nearest(syslog, near, local));
      }
    } catch (DateTimeException e) {
      return Optional.empty();
    }
    return line.startsWith("{") ? sinceEpoch(line) : Optional.empty();
  }

  private static Optional<Instant> sinceEpoch(String line) {
    Matcher epoch = EPOCH.matcher(line);
    return epoch.find()
        ? Optional.of(Instant.ofEpochSecond(Long.parseLong(epoch.group("seconds"))))
        : Optional.empty();
  }

  /// A line of late December that is read in January is of last year.
  private static Instant nearest(Matcher matcher, Instant near, ZoneId local) {
    int year = near.atZone(local).getYear();
    Instant thisYear = instant(matcher, year, local);
    return thisYear.isAfter(near.plusSeconds(86_400))
        ? instant(matcher, year - 1, local)
        : thisYear;
  }

  private static Instant instant(Matcher matcher, int year, ZoneId zone) {
    String[] time = matcher.group("time").split(":", -1);
    var local =
        LocalDateTime.of(
            year,
            month(matcher.group("month")),
            Integer.parseInt(matcher.group("day")),
            Integer.parseInt(time[0]),
            Integer.parseInt(time[1]),
            Integer.parseInt(time[2]));
    return ZonedDateTime.of(local, zone).toInstant();
  }

  private static int month(String text) {
    int named = MONTHS.indexOf(text.toLowerCase(Locale.ROOT));
    return named >= 0 ? named + 1 : Character.isDigit(text.charAt(0)) ? Integer.parseInt(text) : 0;
  }

  private static ZoneId zone(@Nullable String text, ZoneId local) {
    if (text == null) {
      return local;
    }
    return switch (text) {
      case "Z", "UTC", "GMT" -> ZoneOffset.UTC;
      default ->
          Character.isLetter(text.charAt(0)) ? named(text).orElse(local) : ZoneOffset.of(text);
    };
  }

  /// The zone of an abbreviation such as CET or CEST, which PostgreSQL writes.
  private static Optional<ZoneId> named(String abbreviation) {
    try {
      return Optional.ofNullable(ABBREVIATION.parse(abbreviation, TemporalQueries.zone()));
    } catch (DateTimeException _) {
      return Optional.empty(); // a word that is no zone
    }
  }
}
