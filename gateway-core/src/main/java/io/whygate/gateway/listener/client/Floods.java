package io.whygate.gateway.listener.client;

import io.whygate.gateway.config.ListenerSettings;
import io.whygate.gateway.http.PieceBudget;
import io.whygate.gateway.http2.Budget;
import java.util.EnumMap;
import java.util.Map;

/// The budgets of one connection for frames that make work without being requests.
public final class Floods {
  private final ListenerCounts counts;
  private final Map<Abuse, Budget> budgets = new EnumMap<>(Abuse.class);
  private final PieceBudget pieces;

  public Floods(ListenerSettings listener, ListenerCounts counts) {
    this.counts = counts;
    this.pieces = new PieceBudget(listener.limits().smallPieces());
    ListenerSettings.Floods settings = listener.http2().floods();
    long window = settings.window().toNanos();
    budgets.put(Abuse.RESETS, new Budget(settings.resets(), window));
    budgets.put(Abuse.SETTINGS, new Budget(settings.settings(), window));
    budgets.put(Abuse.PINGS, new Budget(settings.pings(), window));
    budgets.put(Abuse.EMPTY_FRAMES, new Budget(settings.emptyFrames(), window));
    budgets.put(Abuse.WINDOW_UPDATES, new Budget(settings.windowUpdates(), window));
    budgets.put(Abuse.PRIORITIES, new Budget(settings.priorities(), window));
    budgets.put(Abuse.HEADER_LISTS, new Budget(settings.headerLists(), window));
  }

  /// Takes one of a kind; false where the client went beyond the limit, which is counted.
  public boolean allows(Abuse kind) {
    Budget budget = budgets.get(kind);
    if (budget == null || budget.spend()) {
      return true;
    }
    counts.abused(kind);
    return false;
  }

  /// Takes a piece of content that is neither the first of its request nor the last; false where
  /// too many were too small, which is counted.
  public boolean allows(int length) {
    if (pieces.takes(length)) {
      return true;
    }
    counts.abused(Abuse.SMALL_PIECES);
    return false;
  }

  /// Counts what has no budget because one is too much.
  public void note(Abuse kind) {
    counts.abused(kind);
  }

  /// A request came.
  public void requested() {
    earn(Abuse.PRIORITIES, 2);
  }

  /// A request was answered whole.
  public void answered() {
    earn(Abuse.RESETS, 1);
  }

  /// A frame of content came.
  public void received() {
    earn(Abuse.PINGS, 1);
  }

  /// A frame of content was sent.
  public void sent() {
    earn(Abuse.PINGS, 1);
    earn(Abuse.WINDOW_UPDATES, 2);
  }

  private void earn(Abuse kind, int count) {
    Budget budget = budgets.get(kind);
    if (budget != null) {
      budget.earn(count);
    }
  }
}
