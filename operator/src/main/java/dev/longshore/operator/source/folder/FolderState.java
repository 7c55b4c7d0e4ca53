package dev.longshore.operator.source.folder;

import dev.longshore.operator.source.Holdings;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.Surroundings;
import dev.longshore.operator.source.View;
import dev.longshore.operator.source.folder.FileContent.Claimed;
import dev.longshore.operator.source.manifest.ForeignDocument;
import dev.longshore.operator.source.manifest.Position;
import io.fabric8.kubernetes.api.model.HasMetadata;
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
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The files of a folder and the view that they add up to. A resource that several files claim is
 * taken from the first by path. Work per change is proportional to the files that changed. Not
 * thread-safe.
 */
final class FolderState {
  private final TreeMap<String, FileContent> files = new TreeMap<>();
  private final Map<ResourceRef, TreeMap<String, Claimed>> claims = new HashMap<>();

  /** What several files claim: those behind the first, and whether they say the same as it. */
  private final Map<ResourceRef, Map<String, Boolean>> contested = new HashMap<>();

  private final TreeMap<String, List<ManifestProblem>> problems = new TreeMap<>();
  private final Map<String, Map<ResourceRef, String>> places = new HashMap<>();
  private final Holdings holdings;
  private final UnaryOperator<HasMetadata> handingOn;

  /** What had to give for others while one file was taken. */
  private final Set<ResourceRef> given = new HashSet<>();

  /** Files that have something that counts now, of which nothing was kept. */
  private final Set<String> forgotten = new HashSet<>();

  /** For what there was room when it was last asked. */
  private Set<ResourceRef> fitted = new HashSet<>();

  private View view = View.EMPTY;
  private @Nullable ManifestProblem folderProblem;

  /**
   * Of no files yet.
   *
   * @param handingOn what of a resource is in the view; files are judged whole
   */
  FolderState(Holdings holdings, UnaryOperator<HasMetadata> handingOn) {
    this.holdings = holdings;
    this.handingOn = handingOn;
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
    List<ManifestProblem> newProblems = content == null ? List.of() : content.problems();
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
    given.addAll(touched);
    forgetUnheld(given);
    given.clear();
    return place(file, touched, now.keySet()) || changed;
  }

  /** Notes where routes and Ingresses stand: who claims a host first is who stands first. */
  private boolean place(String file, Set<ResourceRef> touched, Set<ResourceRef> inOrder) {
    Map<ResourceRef, String> here = new HashMap<>();
    for (ResourceRef ref : inOrder) {
      if (ref.kind().routes()) {
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
    contest(ref, claimants);
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

  /** When claims change and not when problems are told: comparing takes as long as they are. */
  private void contest(ResourceRef ref, TreeMap<String, Claimed> claimants) {
    if (claimants.size() < 2) {
      contested.remove(ref);
      return;
    }
    Claimed first = claimants.firstEntry().getValue();
    Map<String, Boolean> others = new HashMap<>();
    claimants
        .tailMap(claimants.firstKey(), false)
        .forEach((file, claimed) -> others.put(file, claimed.equals(first)));
    contested.put(ref, others);
  }

  private void hold(ResourceRef ref, Claimed counts) {
    fitted.remove(ref);
    if (counts.forgotten()) {
      // It stood behind another file's, which is gone.
      holdings.release(ref);
      forgotten.add(Objects.requireNonNull(claims.get(ref)).firstKey());
      view = view.withoutRoom(counts.resource(), "is read again");
      return;
    }
    Holdings.Taken taken = holdings.take(ref, counts.resource());
    taken
        .gone()
        .forEach(
            (other, why) -> view = view.withoutRoom(Objects.requireNonNull(view.get(other)), why));
    given.addAll(taken.gone().keySet());
    String refused = taken.refused();
    if (refused != null) {
      view = view.withoutRoom(counts.resource(), refused);
    } else {
      HasMetadata shown = handingOn.apply(counts.resource());
      view =
          counts.refused() == null ? view.with(shown) : view.withRefused(shown, counts.refused());
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
          FileContent rest = content(file).without(here);
          files.put(file, rest);
          Map<ResourceRef, Claimed> now = rest.resources();
          for (ResourceRef ref : here) {
            TreeMap<String, Claimed> claimants = Objects.requireNonNull(claims.get(ref));
            claimants.put(file, Objects.requireNonNull(now.get(ref)));
            contest(ref, claimants);
          }
        });
  }

  /**
   * The files that have something for which there was no room, and is now: those that are not known
   * from the last call, for what can't be read now would be tried for ever.
   */
  Set<String> fitting() {
    Set<ResourceRef> fitting = new HashSet<>(holdings.fitting(Integer.MAX_VALUE));
    Set<String> again = new HashSet<>(forgotten);
    forgotten.clear();
    for (ResourceRef ref : fitting) {
      if (!fitted.contains(ref)) {
        again.add(Objects.requireNonNull(claims.get(ref)).firstKey());
      }
    }
    fitted = fitting;
    return again;
  }

  /** Says what is wrong with the folder as such; null: nothing. Returns whether that is news. */
  boolean folderProblem(@Nullable ManifestProblem problem) {
    boolean news = !Objects.equals(folderProblem, problem);
    folderProblem = problem;
    return news;
  }

  FolderReading reading() {
    List<ManifestProblem> all = new ArrayList<>();
    if (folderProblem != null) {
      all.add(folderProblem);
    }
    problems.values().forEach(all::addAll);
    contested.forEach(
        (ref, others) -> {
          String first = Objects.requireNonNull(claims.get(ref)).firstKey();
          others.forEach((other, same) -> all.add(duplicate(ref, first, other, same)));
        });
    all.sort(
        Comparator.comparing(ManifestProblem::file)
            .thenComparingInt(ManifestProblem::line)
            .thenComparingInt(ManifestProblem::column));
    return new FolderReading(view, all);
  }

  private ManifestProblem duplicate(ResourceRef ref, String first, String other, boolean same) {
    FileContent counts = content(first);
    Position at = content(other).place(ref);
    boolean built = !same && isBuilt(other);
    return new ManifestProblem(
        same
            ? ManifestProblem.Severity.NOTE
            : built ? ManifestProblem.Severity.WARNING : ManifestProblem.Severity.ERROR,
        other,
        at == null ? 0 : at.line(),
        at == null ? 0 : at.column(),
        ref,
        "",
        ref
            + " also stands in "
            + counts.where(counts.place(ref))
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

  /** The file whose claim of a resource counts; null when no file claims it. */
  @Nullable FileContent holder(ResourceRef ref) {
    TreeMap<String, Claimed> claimants = claims.get(ref);
    return claimants == null ? null : content(claimants.firstKey());
  }
}
