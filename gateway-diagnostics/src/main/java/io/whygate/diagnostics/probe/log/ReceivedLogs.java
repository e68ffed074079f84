package io.whygate.diagnostics.probe.log;

import io.whygate.diagnostics.facts.LogSource;
import io.whygate.diagnostics.platform.ProgramName;
import java.net.InetAddress;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What servers on other hosts sent by syslog of late: a ring for each sender, bounded in senders,
/// messages and their length. Safe for use by many threads.
public final class ReceivedLogs {
  private final Limits limits;
  private final Map<InetAddress, Ring> rings = new LinkedHashMap<>(16, 0.75f, true);

  /// How much is kept.
  ///
  /// @param senders of which messages are kept; the one that was silent longest gives way
  /// @param messages for each sender
  /// @param characters of each message
  public record Limits(int senders, int messages, int characters) {
    public static final Limits STANDARD = new Limits(64, 500, 2_048);
  }

  public ReceivedLogs(Limits limits) {
    this.limits = limits;
  }

  /// How much is kept.
  public Limits limits() {
    return limits;
  }

  /// Keeps a message that came from a sender just now.
  ///
  /// @param length how many of the bytes are the message
  public void received(InetAddress sender, byte[] bytes, int length) {
    int kept = Math.min(length, limits.characters());
    SyslogMessage message = SyslogMessage.of(bytes, kept, Instant.now());
    ring(sender).add(message);
  }

  private Ring ring(InetAddress sender) {
    synchronized (rings) {
      Ring ring = rings.computeIfAbsent(sender, _ -> new Ring(limits.messages()));
      if (rings.size() > limits.senders()) {
        rings.remove(rings.keySet().iterator().next());
      }
      return ring;
    }
  }

  /// What a source sent between two moments.
  List<LogLine> lines(LogSource.Syslog source, Instant from, Instant to) {
    List<Map.Entry<InetAddress, Ring>> all;
    synchronized (rings) {
      all = List.copyOf(rings.entrySet());
    }
    var found = new ArrayList<LogLine>();
    for (Map.Entry<InetAddress, Ring> each : all) {
      boolean isSender = each.getKey().getHostAddress().equalsIgnoreCase(source.host());
      for (SyslogMessage message : each.getValue().all()) {
        boolean named = isSender || message.host().equalsIgnoreCase(source.host());
        boolean timely = !message.at().isBefore(from) && !message.at().isAfter(to);
        if (named && timely && isOf(source.program(), message.program())) {
          found.add(
              new LogLine(source.label(), message.at(), message.program(), message.text(), false));
        }
      }
    }
    return found;
  }

  /// Messages of the kernel and of the service manager count for any program: they tell how it
  /// ended, and whom they speak of is looked at later.
  private static boolean isOf(String wanted, String program) {
    return wanted.isEmpty()
        || program.equalsIgnoreCase(wanted)
        || program.equals("kernel")
        || program.equals("systemd")
        || ProgramName.of(program).equals(ProgramName.of(wanted));
  }

  /// The last messages of one sender.
  private static final class Ring {
    private final int size;
    private final ArrayDeque<SyslogMessage> messages = new ArrayDeque<>();

    Ring(int size) {
      this.size = size;
    }

    synchronized void add(SyslogMessage message) {
      messages.addLast(message);
      if (messages.size() > size) {
        messages.removeFirst();
      }
    }

    synchronized List<SyslogMessage> all() {
      return List.copyOf(messages);
    }
  }
}
