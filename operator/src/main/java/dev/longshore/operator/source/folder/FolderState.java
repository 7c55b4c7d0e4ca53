package dev.longshore.operator.source.folder;

import dev.longshore.operator.source.Holdings;
import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.Surroundings;
import dev.longshore.operator.source.View;
import dev.longshore.operator.source.folder.FileContent.Claimed;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The files of a folder and the view that they add up to. A resource that several files claim is
 * taken from the first by path. Work per change is proportional to the files that changed. Not
 * thread-safe.
 */
final class FolderState {
  private final TreeMap<String, FileContent> files = new TreeMap<>();
  private final Map<ResourceRef, TreeMap<String, Claimed>> claims = new HashMap<>();
  private final Map<ResourceRef, Set<String>> contested = new HashMap<>();
  private final TreeMap<String, List<Problem>> problems = new TreeMap<>();
  private final Map<String, Map<ResourceRef, String>> places = new HashMap<>();
  private final Holdings holdings;
  private View view = View.EMPTY;
  private @Nullable Problem folderProblem;

  FolderState(Holdings holdings) {
    this.holdings = holdings;
  }

  Set<String> files() {
    return files.keySet();
  }

  FileContent content(String file) {
    FileContent content = files.get(file);
    return content == null ? FileContent.none(file) : content;
  }

  /**
   * Takes over what a file holds now.
   *
   * @param content null when the file is gone
   * @return whether the view or the problems changed
   */
  boolean update(String file, @Nullable FileContent content) {
    FileContent before = content(file);
    Map<ResourceRef, Claimed> old = before.resources();
    Map<ResourceRef, Claimed> now = content == null ? Map.of() : content.resources();
    if (content == null) {
      files.remove(file);
    } else {
      files.put(file, content);
    }
    List<Problem> newProblems = content == null ? List.of() : content.problems();
    boolean changed = !newProblems.equals(before.problems());
    if (newProblems.isEmpty()) {
      problems.remove(file);
    } else {
      problems.put(file, newProblems);
    }
    // What goes makes room for what comes, and what stands first comes first.
    Set<ResourceRef> touched = new LinkedHashSet<>(old.keySet());
    touched.removeAll(now.keySet());
    touched.addAll(now.keySet());
    for (ResourceRef ref : touched) {
      Claimed resource = now.get(ref);
      if (resource != old.get(ref)) {
        claim(file, ref, resource);
        changed = true;
      }
    }
    forgetUnheld(touched);
    return place(file, touched, now.keySet()) || changed;
  }

  /** Notes where routes and Ingresses stand: who claims a host first is who stands first. */
  private boolean place(String file, Set<ResourceRef> touched, Set<ResourceRef> inOrder) {
    Map<ResourceRef, String> here = new HashMap<>();
    for (ResourceRef ref : inOrder) {
      if (ref.kind() == Kind.WEB_SOCKET_ROUTE || ref.kind() == Kind.INGRESS) {
        // No file name has a NUL, so that a.yaml goes before a.yaml.d/b.yaml.
        here.put(ref, "%s\0%07d".formatted(file, here.size()));
      }
    }
    places.put(file, here);
    Surroundings surroundings = view.surroundings();
    for (ResourceRef ref : touched) {
      TreeMap<String, Claimed> claimants = claims.get(ref);
      surroundings =
          surroundings.placed(
              ref,
              claimants == null
                  ? null
                  : places.getOrDefault(claimants.firstKey(), Map.of()).get(ref));
    }
    if (here.isEmpty()) {
      places.remove(file);
    }
    boolean changed = surroundings != view.surroundings();
    view = view.in(surroundings);
    return changed;
  }

  private void claim(String file, ResourceRef ref, @Nullable Claimed resource) {
    TreeMap<String, Claimed> claimants = claims.computeIfAbsent(ref, r -> new TreeMap<>());
    Claimed counted = claimants.isEmpty() ? null : claimants.firstEntry().getValue();
    if (resource == null) {
      claimants.remove(file);
    } else {
      claimants.put(file, resource);
    }
    if (claimants.size() > 1) {
      contested.put(ref, Set.copyOf(claimants.keySet()));
    } else {
      contested.remove(ref);
    }
    if (claimants.isEmpty()) {
      claims.remove(ref);
      holdings.release(ref);
      view = view.without(ref);
      return;
    }
    Claimed counts = claimants.firstEntry().getValue();
    if (counts != counted) {
      hold(ref, counts);
    }
  }

  private void hold(ResourceRef ref, Claimed counts) {
    Holdings.Taken taken = holdings.take(ref, counts.resource());
    taken
        .gone()
        .forEach(
            (other, why) -> view = view.withoutRoom(Objects.requireNonNull(view.get(other)), why));
    forgetUnheld(taken.gone().keySet());
    String refused = taken.refused();
    if (refused != null) {
      view = view.withoutRoom(counts.resource(), refused);
    } else {
      view =
          counts.refused() == null
              ? view.with(counts.resource())
              : view.withRefused(counts.resource(), counts.refused());
    }
  }

  /** Of what the view has no room for, the files' content isn't held either. */
  private void forgetUnheld(Set<ResourceRef> refs) {
    Map<String, Set<ResourceRef>> unheld = new HashMap<>();
    for (ResourceRef ref : refs) {
      TreeMap<String, Claimed> claimants = claims.get(ref);
      if (claimants != null && view.unheld().get(ref) != null) {
        unheld.computeIfAbsent(claimants.firstKey(), file -> new HashSet<>()).add(ref);
      }
    }
    unheld.forEach(
        (file, here) -> {
          FileContent less = content(file).without(here);
          files.put(file, less);
          Map<ResourceRef, Claimed> now = less.resources();
          here.forEach(
              ref -> Objects.requireNonNull(claims.get(ref)).put(file, requireClaim(now, ref)));
        });
  }

  private static Claimed requireClaim(Map<ResourceRef, Claimed> claimed, ResourceRef ref) {
    return Objects.requireNonNull(claimed.get(ref));
  }

  /** The files that have something for which there was no room, and is now. */
  Set<String> fitting() {
    Set<String> fitting = new HashSet<>();
    for (ResourceRef ref : holdings.fitting(Integer.MAX_VALUE)) {
      fitting.add(Objects.requireNonNull(claims.get(ref)).firstKey());
    }
    return fitting;
  }

  /** Says what is wrong with the folder as such; null: nothing. Returns whether that is news. */
  boolean folderProblem(@Nullable Problem problem) {
    boolean news = !Objects.equals(folderProblem, problem);
    folderProblem = problem;
    return news;
  }

  FolderReading reading() {
    List<Problem> all = new ArrayList<>();
    if (folderProblem != null) {
      all.add(folderProblem);
    }
    problems.values().forEach(all::addAll);
    contested.forEach(
        (ref, claimants) -> {
          List<String> sorted = claimants.stream().sorted().toList();
          for (String other : sorted.subList(1, sorted.size())) {
            all.add(duplicate(ref, sorted.getFirst(), other));
          }
        });
    all.sort(
        Comparator.comparing(Problem::file)
            .thenComparingInt(Problem::line)
            .thenComparingInt(Problem::column));
    return new FolderReading(view, all);
  }

  private Problem duplicate(ResourceRef ref, String first, String other) {
    String[] place = content(other).locate(ref, "").substring(other.length()).split(":");
    TreeMap<String, Claimed> claimants = claims.get(ref);
    boolean same = claimants != null && Objects.equals(claimants.get(first), claimants.get(other));
    boolean built = !same && isBuilt(other);
    return new Problem(
        same ? Problem.Severity.NOTE : built ? Problem.Severity.WARNING : Problem.Severity.ERROR,
        other,
        place.length > 1 ? Integer.parseInt(place[1]) : 0,
        place.length > 2 ? Integer.parseInt(place[2]) : 0,
        ref,
        "",
        ref
            + " also stands in "
            + content(first).locate(ref, "")
            + (same
                ? ", and says the same"
                : ", which counts; "
                    + (built
                        ? "if this is an overlay of it, " + ForeignDocument.BUILD
                        : "remove one")));
  }

  /** Whether a file lies in a folder, or below one, that kustomize builds. */
  private boolean isBuilt(String file) {
    for (int slash = file.lastIndexOf('/'); slash >= 0; slash = file.lastIndexOf('/', slash - 1)) {
      String folder = file.substring(0, slash + 1);
      if (ForeignDocument.KUSTOMIZATION_FILES.stream()
          .anyMatch(f -> files.containsKey(folder + f))) {
        return true;
      }
    }
    return false;
  }

  /** Where a field of the resource that counts stands; empty when no file claims it. */
  String locate(ResourceRef ref, String field) {
    TreeMap<String, Claimed> claimants = claims.get(ref);
    return claimants == null ? "" : content(claimants.firstKey()).locate(ref, field);
  }
}
