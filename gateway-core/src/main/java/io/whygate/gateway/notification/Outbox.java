package io.whygate.gateway.notification;

import io.whygate.diagnostics.incident.Incident;
import io.whygate.gateway.config.NotificationSettings.Alertmanager;
import io.whygate.gateway.config.NotificationSettings.Channel;
import io.whygate.gateway.config.NotificationSettings.Pace;
import io.whygate.gateway.notification.ChannelStatus.Counts;
import io.whygate.gateway.notification.ChannelStatus.Failure;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The news of one channel that are not told yet, and the thread that tells them: gathered for a
/// while, not too often, again and again where it fails. Adding returns at once.
final class Outbox implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Outbox.class);
  private static final Duration LONGEST_BACK_OFF = Duration.ofMinutes(1);
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(2);

  private final Channel channel;
  private final Pace pace;
  private final Delivery delivery;
  private final Surroundings surroundings;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final SequencedMap<String, News> waiting = new LinkedHashMap<>();
  private final Thread thread;
  private long sent;
  private long failed;
  private long dropped;
  private Optional<Instant> lastSent = Optional.empty();
  private Optional<Failure> lastFailure = Optional.empty();
  private boolean closing;

  /// What a channel needs of the gateway.
  ///
  /// @param write makes a message of news
  /// @param open all incidents that are open, for who has to be told again
  /// @param results hears of what became of news
  record Surroundings(
      Function<List<News>, Bulletin> write,
      Supplier<List<Incident>> open,
      NewsDesk.Results results) {}

  Outbox(Channel channel, Pace pace, Delivery delivery, Surroundings surroundings) {
    this.channel = channel;
    this.pace = pace;
    this.delivery = delivery;
    this.surroundings = surroundings;
    this.thread = Thread.ofVirtual().name("notify-" + channel.name()).start(this::run);
  }

  Channel channel() {
    return channel;
  }

  Pace pace() {
    return pace;
  }

  void add(News news) {
    String id = news.incident().id();
    lock.lock();
    try {
      News earlier = waiting.get(id);
      if (earlier == null && waiting.size() >= pace.queue()) {
        waiting.pollFirstEntry();
        dropped++;
        surroundings.results().count(channel.name(), "dropped", 1);
      }
      waiting.put(id, earlier == null ? news : news.after(earlier));
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    long lastSentAt = System.nanoTime() - pace.atMostEvery().toNanos();
    try {
      while (true) {
        List<News> news = gather(lastSentAt);
        if (news.isEmpty()) {
          return;
        }
        deliver(surroundings.write().apply(news));
        lastSentAt = System.nanoTime();
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /// Waits for news; none where this is closed.
  private List<News> gather(long lastSentAt) throws InterruptedException {
    while (!awaitNews()) {
      List<News> still =
          surroundings.open().get().stream()
              .filter(each -> channel.tellsOf(each.upstream()))
              .map(News::opened)
              .toList();
      if (!still.isEmpty()) {
        return still;
      }
    }
    lock.lock();
    try {
      long due =
          Math.max(
              System.nanoTime() + pace.gather().toNanos(),
              lastSentAt + pace.atMostEvery().toNanos());
      long left = due - System.nanoTime();
      while (left > 0 && !closing) {
        left = changed.awaitNanos(left);
      }
      List<News> all = List.copyOf(waiting.values());
      waiting.clear();
      return all;
    } finally {
      lock.unlock();
    }
  }

  /// False where it is time to tell again of what is open.
  private boolean awaitNews() throws InterruptedException {
    lock.lock();
    try {
      long left = pace.repeat().toNanos();
      while (waiting.isEmpty() && !closing) {
        if (!isRepeated()) {
          changed.await();
        } else if (left > 0) {
          left = changed.awaitNanos(left);
        } else {
          return false;
        }
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  private boolean isRepeated() {
    return channel.target() instanceof Alertmanager;
  }

  private void deliver(Bulletin bulletin) throws InterruptedException {
    Duration wait = pace.tries().backOff();
    for (int tried = 1; ; tried++) {
      String why;
      boolean again;
      try {
        delivery.send(bulletin);
        ended(bulletin, Optional.empty());
        return;
      } catch (IOException e) {
        why = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        again = tried < pace.tries().most();
      } catch (Delivery.RefusedException e) {
        why = String.valueOf(e.getMessage());
        again = false;
      } catch (RuntimeException e) {
        LOG.error("notification by {} failed by itself", channel.name(), e);
        why = "the gateway's log says more";
        again = false;
      }
      if (!again) {
        ended(bulletin, Optional.of(why));
        return;
      }
      note(why);
      if (pause(wait)) {
        wait =
            wait.multipliedBy(2).compareTo(LONGEST_BACK_OFF) < 0
                ? wait.multipliedBy(2)
                : LONGEST_BACK_OFF;
      }
    }
  }

  /// Up to half as long again, so that several gateways do not come back together. False where this
  /// is about to close, and nothing is waited for.
  private boolean pause(Duration wait) throws InterruptedException {
    long nanos = wait.toNanos() + ThreadLocalRandom.current().nextLong(wait.toNanos() / 2 + 1);
    lock.lock();
    try {
      long left = nanos;
      while (left > 0 && !closing) {
        left = changed.awaitNanos(left);
      }
      return !closing;
    } finally {
      lock.unlock();
    }
  }

  private void note(String why) {
    lock.lock();
    try {
      lastFailure = Optional.of(new Failure(Instant.now(), why));
    } finally {
      lock.unlock();
    }
  }

  private void ended(Bulletin bulletin, Optional<String> failure) {
    int count = bulletin.news().size();
    lock.lock();
    try {
      if (failure.isEmpty()) {
        sent += count;
        lastSent = Optional.of(Instant.now());
      } else {
        failed += count;
        lastFailure = Optional.of(new Failure(Instant.now(), failure.get()));
      }
    } finally {
      lock.unlock();
    }
    surroundings.results().count(channel.name(), failure.isEmpty() ? "sent" : "failed", count);
    failure.ifPresent(why ->
        LOG.warn("notification by {} ({} news) was given up: {}", channel.name(), count, why));
  }

  ChannelStatus status() {
    lock.lock();
    try {
      return new ChannelStatus(
          channel.name(),
          channel.target().type(),
          waiting.size(),
          new Counts(sent, failed, dropped),
          lastSent,
          lastFailure);
    } finally {
      lock.unlock();
    }
  }

  /// Tells at once what waits, for two seconds at most, and ends.
  @Override
  public void close() {
    lock.lock();
    try {
      closing = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    try {
      if (!thread.join(CLOSE_WITHIN)) {
        thread.interrupt();
      }
    } catch (InterruptedException _) {
      thread.interrupt();
      Thread.currentThread().interrupt();
    }
  }
}
