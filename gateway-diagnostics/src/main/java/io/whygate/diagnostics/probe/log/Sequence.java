package io.whygate.diagnostics.probe.log;

import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.probe.Finding.LogsRead.Reach;
import io.whygate.diagnostics.probe.Finding.LogsRead.Sign;
import io.whygate.diagnostics.probe.Finding.LogsRead.TellingLine;
import io.whygate.diagnostics.probe.log.RequestMark.Speaks;
import io.whygate.diagnostics.probe.log.catalogue.LogCatalogue;
import io.whygate.diagnostics.probe.log.catalogue.Reading;
import io.whygate.diagnostics.probe.log.catalogue.Starts;
import io.whygate.diagnostics.redaction.LineRedaction;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// Reads the lines around a failure in their order, since what a line means depends on others: a
/// worker that is killed after its time-out did not run out of memory, and what a program said
/// before it started anew does not explain what failed later.
final class Sequence {
  private static final double UNTOLD = 0.6;

  /// A line with an id of the request that failed is surer than any other.
  private static final double TIED = 0.97;

  private static final double KILLED = 0.8;

  /// Node says in its last line that it ends, and some lines before by what.
  private static final String NODE = "Node.js v";

  private static final Pattern ERROR = Pattern.compile("^(Uncaught )?([A-Z]\\w*)?Error\\b.*");

  private final FailedExchange exchange;
  private final Kin kin;
  private final RequestMark mark;

  /// A line, and whom its ids speak of.
  private record Marked(LogLine line, Speaks speaks) {}

  private record Read(LogLine line, Speaks speaks, Reading reading) {}

  Sequence(FailedExchange exchange, Kin kin) {
    this.exchange = exchange;
    this.kin = kin;
    this.mark = new RequestMark(exchange.request().ids());
  }

  /// The lines that name a cause of this failure, oldest first.
  List<TellingLine> telling(List<LogLine> lines) {
    var found = new ArrayList<Read>();
    Set<String> timedOut = new HashSet<>();
    String error = "";
    for (Marked each : marked(lines)) {
      LogLine line = each.line();
      Optional<Starts> starts = Starts.of(line.text());
      starts.ifPresent(what -> forget(found, what, line.at()));
      if (ERROR.matcher(line.text()).matches()) {
        error = line.text();
      }
      boolean hasError = line.text().startsWith(NODE) && !error.isEmpty();
      LogLine shown = hasError ? line.saying(error) : line;
      LogCatalogue.read(line.text())
          .or(() -> ofThis(each))
          .map(reading -> inContext(reading, timedOut))
          .filter(reading -> concerns(reading, each))
          .ifPresent(reading -> found.add(new Read(shown, each.speaks(), reading)));
    }
    return found.stream().map(this::telling).toList();
  }

  /// The lines in the order of their times. What goes on with a line speaks of whom that speaks of.
  private List<Marked> marked(List<LogLine> lines) {
    var found = new ArrayList<Marked>(lines.size());
    for (LogLine line : lines) {
      Speaks speaks = mark.of(line.text());
      if (speaks == Speaks.OF_NONE && line.continues() && !found.isEmpty()) {
        Marked before = found.getLast();
        speaks = before.line().source().equals(line.source()) ? before.speaks() : speaks;
      }
      found.add(new Marked(line, speaks));
    }
    found.sort(Comparator.comparing(each -> each.line().at()));
    return found;
  }

  /// An error of this very request is one, whatever it says.
  private static Optional<Reading> ofThis(Marked marked) {
    return marked.speaks() == Speaks.OF_THIS
        ? LogCatalogue.error(marked.line().text())
        : Optional.empty();
  }

  /// What ended a worker whose time was up was its master.
  private static Reading inContext(Reading reading, Set<String> timedOut) {
    if (reading.pid().isEmpty()) {
      return reading;
    }
    if (reading.sign() == Sign.WORKER_TIMEOUT) {
      timedOut.add(reading.pid());
      return reading;
    }
    boolean byMaster = reading.reach() == Reach.WORKER && timedOut.contains(reading.pid());
    return byMaster ? reading.as(Sign.WORKER_TIMEOUT, KILLED) : reading;
  }

  /// Whether a line speaks of this upstream, and of this request where it speaks of one alone.
  private boolean concerns(Reading reading, Marked marked) {
    if (marked.speaks() == Speaks.OF_THIS) {
      return true;
    }
    if (reading.reach() == Reach.REQUEST
        && (marked.speaks() == Speaks.OF_ANOTHER || isOfAnotherPath(reading))) {
      return false;
    }
    // One log of a web server may be that of several sites.
    boolean ofOneSite = reading.reach() == Reach.REQUEST || reading.sign() == Sign.BEHIND_FAILED;
    if (ofOneSite && !reading.host().isEmpty() && !isAsked(reading.host())) {
      return false;
    }
    // A disk is everybody's.
    return reading.sign() == Sign.DISK_FULL
        || kinship(reading, marked.line()) != Kin.Kinship.FOREIGN;
  }

  /// Whether a host is the one that was asked, as the client named it or as its endpoint is named.
  private boolean isAsked(String host) {
    return host.equalsIgnoreCase(exchange.request().host())
        || exchange
            .subject()
            .filter(attempt ->
                host.equalsIgnoreCase(attempt.endpoint().host())
                    || host.equalsIgnoreCase(attempt.endpoint().authority()))
            .isPresent();
  }

  private boolean isOfAnotherPath(Reading reading) {
    return !reading.path().isEmpty() && !reading.path().equals(exchange.request().path());
  }

  private Kin.Kinship kinship(Reading reading, LogLine line) {
    String program = reading.program().isEmpty() ? line.program() : reading.program();
    return program.isEmpty() || (reading.program().isEmpty() && isCommon(program))
        ? Kin.Kinship.OWN
        : kin.of(program);
  }

  /// Those who speak for others.
  private static boolean isCommon(String program) {
    return program.equals("kernel") || program.equals("systemd") || program.startsWith("docker");
  }

  /// What was before a start counts for failures that began before it alone.
  private void forget(List<Read> found, Starts what, Instant at) {
    boolean later = attemptBegan().isAfter(at.plusSeconds(1));
    if (later) {
      found.removeIf(read ->
          read.reading().sign() != Sign.DISK_FULL
              && (what == Starts.DATABASE) == (read.reading().sign() == Sign.DATABASE_UNAVAILABLE));
    }
  }

  private Instant attemptBegan() {
    return exchange.subjectBegan();
  }

  private TellingLine telling(Read read) {
    Reading reading = read.reading();
    LogLine line = read.line();
    boolean tied = read.speaks() == Speaks.OF_THIS;
    double confidence =
        tied && reading.sign() != Sign.REQUEST_FAILED
            ? TIED + 0.02 * reading.confidence()
            : kinship(reading, line) == Kin.Kinship.UNTOLD
                ? Math.min(UNTOLD, reading.confidence())
                : reading.confidence();
    return new TellingLine(
        line.source(),
        line.at(),
        reading.sign(),
        reading.reach(),
        confidence,
        tied,
        LineRedaction.of(line.text()));
  }
}
