#!/bin/bash
# The images of a repository: built by the tasks of a job array, released by one job after them.
#
#   job=$(sbatch --parsable --array=0-2 slurm.sh build /srv/images)
#   sbatch --dependency=afterany:"$job" slurm.sh publish /srv/images "$job"
#
# The repository lies where all nodes see it, and so does PIPELINE_STAGE (the repository's .pipeline/stage when not said), unless
# that is a place in a registry: oci://registry.example/acme/stage. Each node keeps its downloads where its XDG_CACHE_HOME says.
#SBATCH --job-name=pipeline
#SBATCH --cpus-per-task=2
#SBATCH --mem=1G
set -euo pipefail
verb=${1:?build or publish} repository=${2:?the repository of manifests}
stage=${PIPELINE_STAGE:-$repository/.pipeline/stage}

case $verb in
build)
    # A task that Slurm starts again goes on where it was.
    case $stage in
    oci://*) place=$stage:$SLURM_ARRAY_JOB_ID ;;
    *) place=$stage/$SLURM_ARRAY_JOB_ID/$SLURM_ARRAY_TASK_ID ;;
    esac
    exec pipeline build --share auto --stage "$place" --repo "$repository"
    ;;
publish)
    job=${3:?the number of the array job}
    staged=()
    case $stage in
    oci://*) staged=(--staged "$stage:$job") ;;
    *) for directory in "$stage/$job"/*/; do staged+=(--staged "$directory"); done ;;
    esac
    # What tasks that were lost did not bring is said, and the next array builds it.
    pipeline publish "${staged[@]}" --repo "$repository"
    # All of it is released.
    case $stage in oci://*) ;; *) rm -r "${stage:?}/$job" ;; esac
    ;;
*)
    echo "slurm.sh: '$verb' is neither build nor publish" >&2
    exit 2
    ;;
esac
