// What runs in the pods of e2e/cluster's own tests, and its pause image.
module dev.longshore/e2e/pod

go 1.26
