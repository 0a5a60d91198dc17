#!/usr/bin/env bash
# A real SLURM on this machine alone, as plain daemons without systemd: what `make slurm-test` submits to.
#   cluster.sh install       the packages (Debian, root)
#   cluster.sh up FOLDER     slurmctld and four slurmd (n1 to n3 of partition cpu, n4 with a fake GPU); keys, logs and state in FOLDER
#   cluster.sh down FOLDER   end what `up` started, by its process ids, and take the configuration away
# The daemons listen on all interfaces: for a machine that nobody reaches.
set -euo pipefail
PACKAGES=(slurmctld slurmd slurm-client munge)
# in no other place: the executor's job step drops every SLURM_* variable, SLURM_CONF too, before it calls srun
ETC=/etc/slurm
MARK='# written by tests/slurm/cluster.sh'
NODES=4
PORT=16817
unset SLURM_CONF

say() { echo "cluster.sh: $*" >&2; }

ours() { [[ ! -e $ETC/slurm.conf ]] || grep -qxF "$MARK" "$ETC/slurm.conf"; }

wait_for() { # SECONDS WHAT COMMAND...
  local end=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" > /dev/null 2>&1; do
    if ((SECONDS >= end)); then
      say "$what: not there in time"
      tail -n 20 "$FOLDER"/log/*.log >&2 || true
      return 1
    fi
    sleep 0.2
  done
}

install_packages() {
  dpkg -s "${PACKAGES[@]}" > /dev/null 2>&1 && return
  # no init system here: the packages' scripts are not to start anything
  if [[ ! -e /usr/sbin/policy-rc.d ]]; then
    printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d
    chmod 755 /usr/sbin/policy-rc.d
  fi
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "${PACKAGES[@]}" > /dev/null
}

configure() {
  local host i
  host=$(hostname -s)
  mkdir -p "$ETC"
  {
    cat << CONF
$MARK
ClusterName=serflow
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$PORT
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket=$FOLDER/munge.sock
StateSaveLocation=$FOLDER/state
SlurmdSpoolDir=$FOLDER/spool/%n
SlurmctldPidFile=$FOLDER/slurmctld.pid
SlurmdPidFile=$FOLDER/slurmd-%n.pid
SlurmctldLogFile=$FOLDER/log/slurmctld.log
SlurmdLogFile=$FOLDER/log/slurmd-%n.log
# no cgroups, no accounting
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SwitchType=switch/none
MpiDefault=none
# nodes may claim more than the machine has
SlurmdParameters=config_overrides
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
DefMemPerCPU=500
GresTypes=gpu
ReturnToService=2
# quick reactions; squeue knows of jobs long after their end
SchedulerType=sched/backfill
SchedulerParameters=bf_interval=2,sched_min_interval=100000,batch_sched_delay=1
KillWait=2
CompleteWait=0
InactiveLimit=0
MinJobAge=900
MailProg=/bin/true
CONF
    for ((i = 1; i <= NODES; i++)); do
      echo "NodeName=n$i NodeHostname=$host NodeAddr=127.0.0.1 Port=$((PORT + i)) CPUs=8 RealMemory=64000" \
        "$( ((i < NODES)) || echo Gres=gpu:1) State=UNKNOWN"
    done
    echo "PartitionName=cpu Nodes=n[1-$((NODES - 1))] Default=YES MaxTime=1-0 State=UP"
    echo "PartitionName=gpu Nodes=n$NODES MaxTime=1-0 State=UP"
  } > "$ETC/slurm.conf"
  printf 'AutoDetect=off\nNodeName=n%d Name=gpu File=/dev/null\n' "$NODES" > "$ETC/gres.conf"
  printf 'CgroupAutomount=no\nConstrainCores=no\n' > "$ETC/cgroup.conf" # read even where no cgroup is used
}

idle() { [[ $(sinfo -h -N -o '%N %t' | sort -u | grep -c ' idle$') -eq $NODES ]]; }

up() {
  mkdir -p "$FOLDER"/{state,spool,log,munge}
  chmod 755 "$FOLDER"
  configure
  # a key and a socket of its own: the machine's munge is left alone
  head -c 1024 /dev/urandom > "$FOLDER/munge/key"
  chmod 700 "$FOLDER/munge" && chmod 400 "$FOLDER/munge/key"
  munged --force --key-file="$FOLDER/munge/key" --socket="$FOLDER/munge.sock" --pid-file="$FOLDER/munged.pid" \
    --log-file="$FOLDER/log/munged.log" --seed-file="$FOLDER/munge/seed"
  wait_for 20 munged munge -S "$FOLDER/munge.sock" -n
  slurmctld
  wait_for 60 slurmctld scontrol ping
  local i
  for ((i = 1; i <= NODES; i++)); do slurmd -N "n$i"; done
  wait_for 60 nodes idle
}

# a daemon that its parent does not reap at once stays as a zombie, which kill -0 still finds
alive() { [[ -r /proc/$1/stat ]] && [[ $(sed 's/.*) //; s/ .*//' "/proc/$1/stat" 2> /dev/null) != Z ]]; }

down() {
  local file pid i
  scancel --state=RUNNING,PENDING,SUSPENDED 2> /dev/null || true
  for file in "$FOLDER"/slurmd-*.pid "$FOLDER/slurmctld.pid" "$FOLDER/munged.pid"; do
    [[ -s $file ]] || continue
    pid=$(< "$file")
    kill "$pid" 2> /dev/null || continue
    for ((i = 0; i < 100; i++)); do
      alive "$pid" || break
      sleep 0.1
    done
    ! alive "$pid" || kill -9 "$pid" 2> /dev/null || true
  done
  rm -f "$ETC"/{slurm,gres,cgroup}.conf
}

FOLDER=${2:-}
[[ ${1:-} == install || -n $FOLDER ]] || { echo "usage: $0 install | up FOLDER | down FOLDER" >&2; exit 2; }
ours || { say "$ETC/slurm.conf belongs to another cluster; it is left alone"; exit 1; }
case ${1:-} in
  install) install_packages ;;
  up) up ;;
  down) down ;;
  *) echo "usage: $0 install | up FOLDER | down FOLDER" >&2; exit 2 ;;
esac
